/** Everything that one run needs before its process can start. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '#core/errors.ts'
import type { Failure } from '#core/model.ts'
import type { Door, Ledger } from '#engine/ports/gateway.ts'
import type { ProcessSpec, Sandbox } from '#engine/ports/processes.ts'
import type { AgentSpec } from '#engine/ports/runtime.ts'
import { codexArgs } from './argv.ts'
import { configFile } from './config-file.ts'
import { codexEnvironment } from './environment.ts'
import { foldersOf, isProgram } from './find.ts'
import { type CodexOptions, PROVIDER } from './options.ts'
import type { Sessions } from './sessions.ts'

export interface Prepared {
  readonly process: Pick<ProcessSpec, 'argv' | 'cwd' | 'env' | 'stdin' | 'sandbox'>
  readonly codexHome: string
  /** Whether it goes on with the session of `AgentSpec.resume`. */
  readonly isResumed: boolean
  readonly door: Door | null
}

const failure = (failureClass: Failure['class'], code: string, sentence: string): Failure => ({
  class: failureClass,
  code,
  sentence,
})

/** A failure where the run cannot even start. Throws what the file system throws in the run's own home. */
export function prepare(
  spec: AgentSpec,
  options: CodexOptions,
  sessions: Sessions,
  onUsage: (ledger: Ledger) => void,
): Prepared | Failure {
  const { command, env, tools, login } = options
  const { workspace, prompt, resume } = spec
  if ('sentence' in command) return failure('permanent', 'missing', command.sentence)
  if (![workspace.dir, workspace.home, workspace.tmp].every((folder) => existsSync(folder)))
    return failure('permanent', 'workspace-gone', `The workspace ${workspace.dir} is not there any more.`)
  // Inside an isolation it would be the program around it that fails, in its own words.
  if (!isProgram(command.path))
    return failure('permanent', 'missing', `The codex CLI ${command.path} is not there any more, or may not be run.`)
  const access = accessOf(spec, options, onUsage)
  if ('code' in access) return access

  const { door } = access
  const codexHome = join(workspace.home, '.codex')
  const isResumed = furnish(spec, sessions, door, codexHome)
  const session = isResumed ? resume : null
  const argv: readonly [string, ...string[]] = [command.path, ...codexArgs(session?.id ?? null)]
  const shown = [...foldersOf(command.path), ...tools, ...(door?.readable ?? [])]
  const process = {
    argv: door?.wrap(argv) ?? argv,
    cwd: workspace.dir,
    env: codexEnvironment({ base: env, home: workspace.home, tmp: workspace.tmp, codexHome, access: door ?? login }),
    stdin: session?.text ?? prompt.text,
    sandbox: withPrograms(workspace.sandbox, shown),
  }
  return { process, codexHome, isResumed, door }
}

/** A fresh home of the CLI with its settings and, where there is one to go on with, the session. */
function furnish(
  { choice, prompt, workspace, egress, limits, resume }: AgentSpec,
  sessions: Sessions,
  door: Door | null,
  codexHome: string,
): boolean {
  rmSync(codexHome, { recursive: true, force: true })
  mkdirSync(codexHome, { mode: 0o700 })
  const config = configFile({
    model: choice.model,
    effort: choice.effort,
    rules: prompt.rules,
    url: door?.url ?? null,
    isIsolated: workspace.sandbox.is === 'on',
    mayReach: egress.length > 0,
    stallMs: limits.stallMs,
  })
  writeFileSync(join(codexHome, 'config.toml'), config, { mode: 0o600 })
  return resume !== null && sessions.lay(resume.id, codexHome)
}

/** Programs must be seen from inside, wherever they are installed. */
const withPrograms = (sandbox: Sandbox, folders: readonly string[]): Sandbox =>
  sandbox.is === 'off'
    ? sandbox
    : { ...sandbox, readable: [...sandbox.readable, ...folders.filter((folder) => existsSync(folder))] }

function accessOf(
  { run, workspace, egress }: AgentSpec,
  { gateway, login }: CodexOptions,
  onUsage: (ledger: Ledger) => void,
): { readonly door: Door | null } | Failure {
  const sandbox = workspace.sandbox.is
  if (gateway === null) {
    if (login === null) return failure('transient', 'auth', 'There is no credential for the codex CLI.')
    if (sandbox === 'off') return { door: null }
    const sentence =
      'A sandboxed run reaches its model only by the gateway, which needs a key: configure one for openai, or set sandbox to off.'
    return failure('permanent', 'infrastructure', sentence)
  }
  try {
    return { door: gateway.open({ run, provider: PROVIDER, sandbox, egress, onUsage }) }
  } catch (thrown) {
    if (thrown instanceof UserError) return failure('transient', 'auth', thrown.message)
    throw thrown
  }
}
