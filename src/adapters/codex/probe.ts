/** Whether the CLI can work here. Nobody is asked for an answer of a model, so nothing is billed. */
import { UserError } from '#core/errors.ts'
import type { Probe } from '#engine/ports/runtime.ts'
import { shown } from './classify.ts'
import { type CodexOptions, PROVIDER } from './options.ts'

/** The version that everything here was measured with. Older ones wait without end for a network that refuses. */
const OLDEST = '0.169.0'
const TIMEOUT_MS = 20_000

type ProbeFacts = Pick<CodexOptions, 'processes' | 'command' | 'env' | 'gateway' | 'login'>

export async function probeCodex({ processes, command, env, gateway, login }: ProbeFacts): Promise<Probe> {
  const no = (sentence: string): Probe => ({ ok: false, sentence })
  if ('sentence' in command) return no(command.sentence)
  const { path } = command
  const { ended, code, tail } = await processes.start({
    argv: [path, '--version'],
    cwd: '/',
    // No home: it writes nothing for this.
    env: { PATH: env.PATH, LANG: env.LANG, HOME: '/nonexistent' },
    sandbox: { is: 'off' },
    timeoutMs: TIMEOUT_MS,
    graceMs: 1000,
    tailBytes: 2000,
  }).result
  const said = shown(tail) || 'it said nothing'
  if (ended !== 'exited' || code !== 0)
    return no(`\`${path} --version\` failed (${ended}, code ${code ?? 'none'}): ${said}; install the codex CLI anew.`)
  const version = /^codex-cli (\d+\.\d+\.\d+\S*)\s*$/m.exec(tail)?.[1]
  if (version === undefined)
    return no(`${path} does not tell a version as codex does (${said}): set agent.codex.command to the right program.`)
  const order = compare(version, OLDEST)
  if (order < 0) return no(`The codex CLI ${path} is version ${version}, and Orch needs ${OLDEST} or newer: update it.`)
  const access = accessOf({ gateway, login })
  if ('sentence' in access) return no(access.sentence)
  const age = order > 0 ? [`Orch was tried with codex ${OLDEST}, and this is ${version}`] : []
  const fallback = 'codex knows no fallback model: one that is set has no effect on it'
  return { ok: true, version, notes: [...age, ...access.notes, fallback] }
}

/** By the three numbers alone. */
function compare(version: string, other: string): number {
  const [a, b] = [version, other].map((text) => text.split('.').map((part) => Number.parseInt(part, 10))) as [
    number[],
    number[],
  ]
  const at = [0, 1, 2].find((index) => a[index] !== b[index])
  return at === undefined ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}

function accessOf({
  gateway,
  login,
}: Pick<ProbeFacts, 'gateway' | 'login'>): { readonly notes: readonly string[] } | { readonly sentence: string } {
  if (gateway === null)
    return login === null
      ? {
          sentence:
            'The codex CLI has no credential: configure a key for the provider openai, or one for codex itself.',
        }
      : {
          notes: [
            'a credential of its own is used without the gateway: each run can read it, nothing but the CLI counts what it uses, and it works only with sandbox: off',
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
