/** The runtimes that the settings can name, and the gateway through which they reach their models. */
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import type { Processes } from '#engine/ports/processes.ts'
import type { AgentRuntime } from '#engine/ports/runtime.ts'
import type { Clock, Ids, Log } from '#engine/ports/world.ts'
import { createClaudeRuntime, findClaude } from '../../adapters/claude/index.ts'
import { createCodexRuntime, findCodex } from '../../adapters/codex/index.ts'
import { createGateway, type Provider, type RunningGateway } from '../../adapters/gateway/index.ts'
import { createScriptedRuntime } from '../../adapters/scripted/index.ts'
import type { RuntimeName } from '../config/agent-settings.ts'
import type { Settings } from '../config/settings.ts'

export interface AgentsDeps {
  readonly processes: Processes
  readonly settings: () => Settings
  readonly env: Readonly<Record<string, string | undefined>>
  /** Node, for the forwarder and the scripted program. */
  readonly node: string
  readonly folder: { readonly gateway: string; readonly sessions: string }
  readonly childEnv: { readonly PATH: string; readonly LANG: string }
  readonly tools: readonly string[]
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

export interface Agents {
  readonly runtime: (name: RuntimeName) => AgentRuntime
  readonly gateway: RunningGateway
}

export function createAgents(deps: AgentsDeps): Agents {
  const { processes, settings, env, node, folder, childEnv, tools, clock, ids, log } = deps
  const gateway = createGateway({
    dir: folder.gateway,
    // A path of its own: below a deep data folder none is short enough for a socket.
    tmpDir: env.TMPDIR || tmpdir(),
    providers: () => providersOf(settings(), env),
    node,
    ids,
    clock,
    log,
  })
  const { claude, codex } = settings().agent
  const isSubscribed = claude.login === 'subscription'
  const common = { processes, env: childEnv, tools, sessionsDir: folder.sessions, clock }
  const path = env.PATH ?? ''
  const here = process.cwd()
  const runtimes: Readonly<Record<RuntimeName, AgentRuntime>> = {
    scripted: createScriptedRuntime({ processes, node, env: childEnv }),
    claude: createClaudeRuntime({
      ...common,
      command: findClaude(claude.command ?? '', path, here),
      gateway: isSubscribed ? null : gateway,
      subscriptionToken: isSubscribed ? (env.CLAUDE_CODE_OAUTH_TOKEN ?? null) : null,
      ids,
    }),
    codex: createCodexRuntime({
      ...common,
      command: findCodex(codex.command ?? '', path, here),
      gateway,
      login: null,
    }),
  }
  return { runtime: (name) => runtimes[name], gateway }
}

/** An empty variable is an unset one. */
export const keysOf = ({ agent }: Settings, env: AgentsDeps['env']): { anthropic: string; openai: string } => ({
  anthropic: agent.claude.api_key || env.ANTHROPIC_API_KEY || '',
  openai: agent.codex.api_key || env.OPENAI_API_KEY || '',
})

function providersOf(settings: Settings, env: AgentsDeps['env']): Readonly<Record<string, Provider>> {
  const keys = keysOf(settings, env)
  const { claude, codex } = settings.agent
  return {
    ...(keys.anthropic ? { anthropic: { upstream: claude.base_url, key: keys.anthropic, style: 'anthropic' } } : {}),
    ...(keys.openai ? { openai: { upstream: codex.base_url, key: keys.openai, style: 'openai' } } : {}),
  } as Readonly<Record<string, Provider>>
}

/** What may stand in no log, comment or commit. */
export const secretsOf = (settings: Settings, env: AgentsDeps['env'], token: string): readonly string[] =>
  [
    token,
    ...Object.values(keysOf(settings, env)),
    env.CLAUDE_CODE_OAUTH_TOKEN,
    passwordOf(settings.database.url),
  ].filter((secret): secret is string => secret !== undefined && secret !== '')

/** A short password is an ordinary word, too: it is known only where it stands as one, behind its user's name. */
const passwordOf = (url: string | undefined): string | undefined => {
  try {
    if (url === undefined) return undefined
    const { username, password } = new URL(url)
    const secret = decodeURIComponent(password)
    return secret.length >= 16 || secret === '' ? secret : `${decodeURIComponent(username)}:${secret}@`
  } catch {
    return undefined
  }
}

export const toolsIn = (path: string): readonly string[] =>
  path.split(':').filter((dir) => isAbsolute(dir) && existsSync(join(dir, '.')))
