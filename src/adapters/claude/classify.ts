/** How a run has ended, as one of our own words. Pure: from what the CLI said and how its process ended. */
import type { Failure } from '#core/model.ts'
import type { Millis } from '#core/words.ts'
import type { Ledger } from '#engine/ports/gateway.ts'
import type { ProcessResult } from '#engine/ports/processes.ts'
import type { AgentSpec } from '#engine/ports/runtime.ts'
import type { ResultLine } from './messages.ts'
import { brief } from './sentences.ts'
import type { Known } from './stream.ts'
import { isUsageLimit, limitUntil } from './usage-limit.ts'

export interface Ending {
  readonly process: Pick<ProcessResult, 'ended' | 'code' | 'signal' | 'tail'>
  readonly known: Pick<Known, 'result' | 'isResultBroken' | 'isUnderstood' | 'strange' | 'error' | 'limit'>
  /** The last lines of its standard error. */
  readonly said: string
  readonly ledger: Ledger | null
  readonly limits: AgentSpec['limits']
  readonly now: Millis
}

export type Verdict =
  | { readonly is: 'completed'; readonly text: string }
  | { readonly is: 'failed'; readonly failure: Failure }

type More = Pick<Failure, 'retryAfterMs' | 'until'>

const failed = (failureClass: Failure['class'], code: string, sentence: string, more: More = {}): Verdict => ({
  is: 'failed',
  failure: { class: failureClass, code, sentence, ...more },
})
const permanent = (code: string, sentence: string): Verdict => failed('permanent', code, sentence)
const transient = (code: string, sentence: string, more?: More): Verdict => failed('transient', code, sentence, more)

/** A result that came before the end counts, whatever became of the process afterwards; unless that was on its own account. */
export function classify(ending: Ending): Verdict {
  const { process, known } = ending
  const { result } = known
  if (result === null || wasInterrupted(result)) return withoutResult(ending)
  if (result.isError) return ofError(result, ending)
  // A command of the CLI itself, for one, ends well without the model.
  if (result.turns === 0) return permanent('no-result', `claude ended without asking its model: ${brief(result.text)}`)
  if (process.ended === 'exited' && process.code !== 0)
    return permanent('crashed', `claude gave its result and then ended with ${endOf(process)}`)
  return { is: 'completed', text: result.text }
}

const wasInterrupted = ({ isError, ending }: ResultLine): boolean => isError && /^aborted/.test(ending ?? '')

const endOf = ({ code, signal }: Ending['process']): string =>
  signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`

/** The shells' words for a program that is not there or cannot be run; a program between us and it says so, too. */
const NOT_STARTED: readonly (number | null)[] = [126, 127]

function withoutResult({ process, known, said, limits }: Ending): Verdict {
  const seconds = (ms: number): number => Math.round(ms / 1000)
  const words = brief(said.trim().split('\n').slice(-3).join(' '), 300)
  const because = words === '' ? '' : `: ${words}`
  if (process.ended === 'missing')
    return permanent('missing', `claude could not be started: ${brief(process.tail, 300)}`)
  if (process.ended === 'timed-out')
    return permanent('timed-out', `it did not end within ${seconds(limits.timeoutMs)} s`)
  if (process.ended === 'stalled') return permanent('stalled', `it was silent for ${seconds(limits.stallMs)} s`)
  if (!known.isUnderstood && NOT_STARTED.includes(process.code))
    return permanent('missing', `claude could not be started (${endOf(process)})${because}`)
  if (known.result !== null) return permanent('crashed', `claude was interrupted and ended with ${endOf(process)}`)
  if (known.isResultBroken) return permanent('garbage-result', 'claude gave a result that cannot be read')
  if (process.code !== 0) return permanent('crashed', `claude ended with ${endOf(process)} and no result${because}`)
  if (!known.isUnderstood && known.strange !== null)
    return permanent('garbage-result', `claude printed no message that can be read: ${brief(known.strange)}`)
  return permanent('no-result', `claude ended without a result${because}`)
}

function ofError(result: ResultLine, { known, ledger, now }: Ending): Verdict {
  const { error } = known
  // What the provider answered last; a failure in between that was overcome has been written over by then.
  const status = result.status ?? ledger?.lastStatus ?? null
  const text = brief(result.text, 300)
  const after = ledger?.retryAfterMs == null ? {} : { retryAfterMs: ledger.retryAfterMs }

  if (result.subtype === 'error_max_turns') return permanent('max-turns', 'claude reached its limit of turns')
  if (result.stopReason === 'refusal') return permanent('refused', `the model refused: ${text}`)
  if (result.ending === 'prompt_too_long' || status === 413 || /prompt is too long/i.test(text))
    return permanent('context-too-long', `the conversation is too long for the model: ${text}`)
  if (isUsageLimit(text) || (known.limit !== null && (status === 429 || error === 'rate_limit'))) {
    const until = known.limit?.until ?? limitUntil(text, now)
    return transient('usage-limit', `the account's limit is reached: ${text}`, until === null ? after : { until })
  }
  if (error === 'billing_error' || /credit balance/i.test(text))
    return transient('auth', `the account cannot pay: ${text}`)
  if (status === 429 || error === 'rate_limit')
    return transient('rate-limit', `the provider takes no more requests for now: ${text}`, after)
  if (status === 529 || error === 'overloaded')
    return transient('overloaded', `the provider is overloaded: ${text}`, after)
  if (status === 401 || status === 403 || error === 'authentication_failed' || /not logged in|run \/login/i.test(text))
    return transient('auth', `the provider does not accept the credential: ${text}`)
  if (status === 404 || error === 'model_not_found')
    return permanent('model', `the provider has no such model: ${text}`)
  if (ledger?.trouble != null && (status === null || status >= 500))
    return transient('network', `the provider could not be reached: ${brief(ledger.trouble, 300)}`, after)
  if (status !== null && status >= 500) return transient('server', `the provider failed (${status}): ${text}`, after)
  if (status !== null && status >= 400)
    return permanent('refused', `the provider refused the request (${status}): ${text}`)
  if (/ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|timed? ?out|idle timeout|connection|network|socket/i.test(text))
    return transient('network', `the provider could not be reached: ${text}`)
  if (result.ending === 'api_error') return transient('server', `the provider's answer cannot be used: ${text}`, after)
  return permanent('crashed', `claude failed: ${text}`)
}
