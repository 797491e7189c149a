/** Everything that one run needs before its process can start. */
import { existsSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { UserError } from '#core/errors.ts'
import type { Failure } from '#core/model.ts'
import type { Door, Ledger } from '#engine/ports/gateway.ts'
import type { Sandbox } from '#engine/ports/processes.ts'
import type { AgentSpec } from '#engine/ports/runtime.ts'
import { type Conversation, claudeArgv } from './argv.ts'
import { claudeEnvironment } from './environment.ts'
import { houseRules, layHouseRules, readRepositoryNotes } from './house-rules.ts'
import type { ClaudeOptions } from './options.ts'
import { PROVIDER } from './probe.ts'
import type { Sessions } from './sessions.ts'

export interface Prepared {
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  readonly sandbox: Sandbox
  readonly conversation: Conversation
  /** What the agent is told. */
  readonly text: string
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
  options: ClaudeOptions,
  sessions: Sessions,
  onUsage: (ledger: Ledger) => void,
): Prepared | Failure {
  const { command, env, tools, gateway, subscriptionToken, ids } = options
  const { workspace } = spec
  if ('sentence' in command) return failure('permanent', 'missing', command.sentence)
  if (![workspace.dir, workspace.home, workspace.tmp].every((folder) => existsSync(folder)))
    return failure('permanent', 'workspace-gone', `the workspace ${workspace.dir} is not there any more`)
  const program = realpathOf(command.path)
  if (program === null) return failure('permanent', 'missing', `the claude CLI ${command.path} is not there any more`)
  const isResumed = spec.resume !== null && sessions.lay(spec.resume.id, workspace.home)
  const conversation: Conversation =
    isResumed && spec.resume !== null ? { is: 'resumed', id: spec.resume.id } : { is: 'new', id: ids.uuid() }
  const rules = houseRules(spec.prompt.rules, readRepositoryNotes(workspace.dir))
  const rulesFile = layHouseRules(workspace.home, rules)
  // Last, so that nothing can go wrong while the door is open.
  const access = accessOf(spec, gateway, subscriptionToken, onUsage)
  if ('code' in access) return access
  const argv = claudeArgv({ command: program, choice: spec.choice, conversation, rulesFile })
  const { door } = access
  const shown = [dirname(program), ...tools, ...(door?.readable ?? [])]
  return {
    argv: door?.wrap(argv) ?? argv,
    env: claudeEnvironment({
      base: env,
      home: workspace.home,
      tmp: workspace.tmp,
      access:
        door === null
          ? { is: 'subscription', token: subscriptionToken ?? '' }
          : { is: 'door', url: door.url, token: door.token, proxy: door.proxy },
    }),
    sandbox: withPrograms(workspace.sandbox, shown),
    conversation,
    text: isResumed && spec.resume !== null ? spec.resume.text : spec.prompt.text,
    door,
  }
}

const realpathOf = (path: string): string | null => {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}

/** Programs must be seen from inside, wherever they are installed. */
const withPrograms = (sandbox: Sandbox, folders: readonly string[]): Sandbox =>
  sandbox.is === 'off'
    ? sandbox
    : { ...sandbox, readable: [...sandbox.readable, ...folders.filter((folder) => existsSync(folder))] }

function accessOf(
  { run, workspace, egress }: AgentSpec,
  gateway: ClaudeOptions['gateway'],
  subscriptionToken: string | null,
  onUsage: (ledger: Ledger) => void,
): { readonly door: Door | null } | Failure {
  const sandbox = workspace.sandbox.is
  if (gateway === null) {
    if (subscriptionToken === null) return failure('transient', 'auth', 'there is no credential for the claude CLI')
    if (sandbox === 'off') return { door: null }
    const sentence =
      'a sandboxed run reaches its model only by the gateway, which needs a key: configure one, or set sandbox to off'
    return failure('permanent', 'infrastructure', sentence)
  }
  try {
    return { door: gateway.open({ run, provider: PROVIDER, sandbox, egress, onUsage }) }
  } catch (thrown) {
    if (thrown instanceof UserError) return failure('transient', 'auth', thrown.message)
    throw thrown
  }
}
