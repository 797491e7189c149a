/**
 * The CLI's `config.toml` for one run. A file and not `-c` options: `resume` knows fewer options than a first run, rules may
 * be longer than an argument, and arguments can be read by everybody on the machine. Keys as in codex 0.169.
 */
import type { Effort } from '#core/agent-choice.ts'
import { TOKEN_VARIABLE } from './environment.ts'
import { effortWord } from './names.ts'

export interface ConfigFacts {
  readonly model: string | null
  readonly effort: Effort | null
  /** Standing rules; they stand above the task and above what the repository says of itself. */
  readonly rules: string
  /** The model's address without a path; null where the CLI goes to its own provider. */
  readonly url: string | null
  /** Whether the whole CLI runs in an isolation of ours; otherwise it uses its own around each command. */
  readonly isIsolated: boolean
  /** Whether commands may reach the network in the CLI's own isolation; ours decides by itself. */
  readonly mayReach: boolean
  readonly stallMs: number
}

/** Ours is the retry that counts: the CLI bridges a hiccup, and then gives the run back. */
const REQUEST_RETRIES = 2
const STREAM_RETRIES = 2
const LONGEST_IDLE_MS = 300_000
const SHORTEST_IDLE_MS = 5_000

/**
 * What reaches out of the house, starts programs that nobody asked for, or keeps on beyond the run. Without the first, a
 * network that refuses is waited for without end.
 */
const FEATURES_OFF = [
  'unbounded_connection_retries',
  'hooks',
  'apps',
  'plugins',
  'remote_plugin',
  'goals',
  'memories',
  'image_generation',
  'browser_use',
  'computer_use',
  'in_app_browser',
  'tool_suggest',
  'skill_mcp_dependency_install',
  'daemon_auto_start',
] as const

export function configFile(facts: ConfigFacts): string {
  const { model, effort, rules, url, isIsolated, mayReach, stallMs } = facts
  // A dead stream is found and tried once more before the silence counts as a stall.
  const idleMs = Math.max(SHORTEST_IDLE_MS, Math.min(LONGEST_IDLE_MS, Math.floor(stallMs / 2)))
  return lines(
    model !== null && pair('model', model),
    effort !== null && pair('model_reasoning_effort', effortWord(effort, model)),
    rules !== '' && pair('developer_instructions', rules),
    pair('sandbox_mode', isIsolated ? 'danger-full-access' : 'workspace-write'),
    pair('approval_policy', 'never'),
    pair('web_search', 'disabled'),
    // A login shell takes PATH from the machine's files.
    'allow_login_shell = false',
    'check_for_update_on_startup = false',
    // The repository's own words to agents, under whichever name it has them. Its settings, hooks and servers stay off:
    // that is the CLI's way with a project that nobody called trusted, and nobody does.
    'project_doc_fallback_filenames = ["CLAUDE.md"]',
    url !== null && pair('model_provider', 'orch'),
    '[agents]\nenabled = false',
    '[analytics]\nenabled = false',
    '[feedback]\nenabled = false',
    pairs('[history]', ['persistence', 'none']),
    '[skills]\ninclude_instructions = false\nbundled = { enabled = false }',
    `[shell_environment_policy]\nexclude = ["${TOKEN_VARIABLE}"]`,
    !isIsolated && `[sandbox_workspace_write]\nexclude_slash_tmp = true\nnetwork_access = ${mayReach}`,
    `[features]\n${FEATURES_OFF.map((name) => `${name} = false`).join('\n')}`,
    url !== null &&
      lines(
        pairs(
          '[model_providers.orch]',
          ['name', 'orch'],
          ['base_url', `${url}/v1`],
          ['env_key', TOKEN_VARIABLE],
          ['wire_api', 'responses'],
        ),
        `request_max_retries = ${REQUEST_RETRIES}`,
        `stream_max_retries = ${STREAM_RETRIES}`,
        `stream_idle_timeout_ms = ${idleMs}`,
        'supports_websockets = false',
      ),
  )
}

const lines = (...parts: readonly (string | false)[]): string =>
  parts
    .filter((part) => part !== false)
    .map((part) => `${part.trimEnd()}\n`)
    .join('')
const pair = (key: string, value: string): string => `${key} = ${tomlText(value)}`
const pairs = (table: string, ...values: readonly (readonly [string, string])[]): string =>
  [table, ...values.map(([key, value]) => pair(key, value))].join('\n')

/** A basic string of TOML 1.0: JSON's escapes, but for DEL, and no half of a surrogate pair. */
export const tomlText = (text: string): string => JSON.stringify(text.toWellFormed()).replaceAll('\u007f', '\\u007F')
