/** Whether the CLI can work here. Nobody is asked for an answer of a model, so nothing is billed. */
import { UserError } from '#core/errors.ts'
import type { Gateway } from '#engine/ports/gateway.ts'
import type { Processes } from '#engine/ports/processes.ts'
import type { Probe } from '#engine/ports/runtime.ts'
import { probeEnvironment } from './environment.ts'
import type { FoundClaude } from './find.ts'
import { brief } from './sentences.ts'

/** The oldest version whose stream and switches were tried. */
export const OLDEST = '2.1.330'
export const PROVIDER = 'anthropic'

const TIMEOUT_MS = 20_000

export interface ProbeFacts {
  readonly processes: Processes
  readonly command: FoundClaude
  readonly env: { readonly PATH: string; readonly LANG: string }
  readonly gateway: Gateway | null
  readonly subscriptionToken: string | null
}

export async function probeClaude(facts: ProbeFacts): Promise<Probe> {
  const no = (sentence: string): Probe => ({ ok: false, sentence })
  if ('sentence' in facts.command) return no(facts.command.sentence)
  const { path } = facts.command
  const ended = await facts.processes.start({
    argv: [path, '--version'],
    cwd: '/',
    env: probeEnvironment(facts.env),
    sandbox: { is: 'off' },
    timeoutMs: TIMEOUT_MS,
    graceMs: 1000,
    tailBytes: 2000,
  }).result
  const said = brief(ended.tail)
  if (ended.ended !== 'exited' || ended.code !== 0)
    return no(
      `\`${path} --version\` failed (${ended.ended}, code ${ended.code ?? 'none'}): ${said || 'it said nothing'}; install the claude CLI anew.`,
    )
  const version = /^v?(\d+\.\d+\.\d+)\b/.exec(said)?.[1]
  if (version === undefined)
    return no(
      `${path} does not tell a version (${said || 'it said nothing'}): it is not the claude CLI; set agent.claude.command to the right one.`,
    )
  if (isOlder(version, OLDEST))
    return no(`The claude CLI ${path} is version ${version}, and Orch needs ${OLDEST} or newer: update it.`)
  const access = accessOf(facts)
  return 'sentence' in access ? no(access.sentence) : { ok: true, version, notes: access.notes }
}

/** Version numbers as `1.2.3`. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [version.split('.').map(Number), than.split('.').map(Number)]
  const at = a.findIndex((part, index) => part !== b[index])
  return at >= 0 && a[at]! < (b[at] ?? 0)
}

function accessOf({
  gateway,
  subscriptionToken,
}: ProbeFacts): { readonly notes: readonly string[] } | { readonly sentence: string } {
  if (gateway === null)
    return subscriptionToken === null
      ? {
          sentence:
            'The claude CLI has no credential: configure a key for the provider anthropic, or a subscription token.',
        }
      : {
          notes: [
            'a subscription token is used without the gateway: each run can read it, nothing but the CLI counts what it uses, and it works only with sandbox: off',
          ],
        }
  try {
    gateway.open({ run: 'probe', provider: PROVIDER, sandbox: 'off', egress: [] }).close()
    return { notes: [] }
  } catch (thrown) {
    if (thrown instanceof UserError) return { sentence: thrown.message }
    throw thrown
  }
}
