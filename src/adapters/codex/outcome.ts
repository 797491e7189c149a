/** From how the program ended and what it had said to the result of the run. Nothing passes by being absent. */
import type { Failure } from '#core/model.ts'
import type { Millis } from '#core/words.ts'
import type { ProcessResult, StopReason } from '#engine/ports/processes.ts'
import type { AgentSpec } from '#engine/ports/runtime.ts'
import { classify, type Known, shown } from './classify.ts'
import type { Turn } from './turn.ts'

/** Why the runtime itself ended it: it had given its result, was silent, or was told to wait too long. */
export type OwnEnd = 'lingering' | 'silent' | 'told-to-wait'

export interface Ending {
  readonly process: ProcessResult
  readonly turn: Turn
  /** Asked from outside. */
  readonly stopped: StopReason | null
  readonly own: OwnEnd | null
  readonly known: Known
  readonly now: Millis
  readonly spec: Pick<AgentSpec, 'role' | 'limits'>
}

export type Outcome =
  | { readonly is: 'completed'; readonly text: string }
  | { readonly is: 'failed'; readonly failure: Failure }
  | { readonly is: 'stopped'; readonly reason: StopReason }

const failed = (code: string, sentence: string): Outcome => ({
  is: 'failed',
  failure: { class: 'permanent', code, sentence },
})

export function outcomeOf(ending: Ending): Outcome {
  const { process, turn, stopped, own, known, now, spec } = ending
  if (stopped !== null) return { is: 'stopped', reason: stopped }
  if (process.ended === 'missing')
    return failed('missing', `codex could not be started (${shown(process.tail)}); see what orch doctor says of it.`)
  const ofProvider = (message: string | null): Outcome | null => {
    const failure = message === null ? null : classify(message, known, now)
    return failure === null ? null : { is: 'failed', failure }
  }
  if (turn.end?.is === 'completed' && (own === 'lingering' || process.ended !== 'exited' || process.code === 0))
    return resultIn(turn.text)
  if (turn.end?.is === 'completed')
    return failed('crashed', `codex gave a result and then ended with ${endOf(process)}.`)
  if (turn.end?.is === 'failed')
    return (
      ofProvider(turn.end.message) ??
      failed('crashed', `codex gave up: ${shown(turn.end.message) || 'it did not say why'}.`)
    )
  if (process.ended === 'timed-out')
    return failed('timed-out', `The ${spec.role} did not end within ${seconds(spec.limits.timeoutMs)} s.`)
  // Silent because the provider makes it wait, it is the provider's failure.
  if (own !== null || process.ended === 'stalled')
    return (
      ofProvider(turn.trouble) ??
      failed('stalled', `The ${spec.role} gave no sign of life for ${seconds(spec.limits.stallMs)} s.`)
    )
  return ofProvider(turn.trouble ?? startFailure(process.tail)) ?? withoutResult(process, turn)
}

const resultIn = (text: string | null): Outcome =>
  text === null || text.trim() === ''
    ? failed('garbage-result', 'codex ended its turn without a message; what it did counts for nothing without one.')
    : { is: 'completed', text }

function withoutResult(process: ProcessResult, turn: Turn): Outcome {
  const last = shown(lastLine(process.tail))
  const said = last === '' ? '' : ` (${last})`
  if (process.ended === 'stopped') return { is: 'stopped', reason: 'cancelled' }
  if (process.code !== 0) return failed('crashed', `codex ended with ${endOf(process)} and without a result${said}.`)
  return turn.events === 0 && turn.strange > 0
    ? failed('garbage-result', `codex printed something else than its events${said}; see what orch doctor says of it.`)
    : failed('no-result', `codex ended without a result${said}.`)
}

/** What it says on stderr where it does not come as far as its first event. */
const startFailure = (tail: string): string | null =>
  /^Error: (?:thread\/\w+: )?(?:thread\/\w+ failed: )?(.*?)(?: \(code -?\d+\))?$/m.exec(tail)?.[1] ?? null
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? ''
const endOf = ({ code, signal }: ProcessResult): string => (signal === null ? `code ${code}` : signal)
const seconds = (ms: number): number => Math.round(ms / 1000)
