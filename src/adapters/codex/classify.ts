/**
 * Which kind of failure a sentence of the CLI is. Sentences are all it gives: its events hold no status, no code and no
 * Retry-After. Wordings as codex 0.169 was heard to use them against every status; what the gateway knows goes before.
 */
import type { Failure, FailureClass } from '#core/model.ts'
import type { Millis } from '#core/words.ts'
import type { Ledger } from '#engine/ports/gateway.ts'
import { limitEnd, waitIn } from './waits.ts'

export type Known = Pick<Ledger, 'lastStatus' | 'retryAfterMs' | 'trouble'>
export const NOTHING_KNOWN: Known = { lastStatus: null, retryAfterMs: null, trouble: null }

type Kind = readonly [code: string, failureClass: FailureClass]
const AUTH: Kind = ['auth', 'transient']
const RATE: Kind = ['rate-limit', 'transient']
const OVERLOADED: Kind = ['overloaded', 'transient']
const SERVER: Kind = ['server', 'transient']
const NETWORK: Kind = ['network', 'transient']
const TOO_LONG: Kind = ['context-too-long', 'permanent']
const REFUSED: Kind = ['refused', 'permanent']
const MODEL: Kind = ['model', 'permanent']

/** The first that fits counts: the CLI's own words go before what may be a quotation of the provider's. */
const WORDINGS: readonly (readonly [RegExp, Kind])[] = [
  [
    /^(?:you.{1,3}ve hit your usage limit|.{0,40}out of credits|the usage limit has been reached)/i,
    ['usage-limit', 'transient'],
  ],
  // Billing: nobody but the account's owner can mend it.
  [/^quota exceeded|exceeded your current quota|insufficient_quota/i, AUTH],
  [/ran out of room in the model's context window|context_length_exceeded|exceeds the context window/i, TOO_LONG],
  [/^(?:unexpected status|exceeded retry limit, last status:?) (\d{3})/i, REFUSED],
  [/^rate limit exceeded/i, RATE],
  [/^selected model is at capacity|server_is_overloaded/i, OVERLOADED],
  [/high demand, which may cause temporary errors/i, SERVER],
  [
    /^missing environment variable|not logged in|log ?out and (?:sign|log) in|access token could not be refreshed|incorrect api key/i,
    AUTH,
  ],
  [/^the model .* does not exist|model_not_found|no models are available|model .* is not supported/i, MODEL],
  [
    /^connection failed|^stream disconnected|waiting for network|error sending request|reading the server response|request timed out/i,
    NETWORK,
  ],
]

const ofStatus = (status: number): Kind => {
  if (status === 401 || status === 402 || status === 403) return AUTH
  if (status === 429) return RATE
  if (status === 529) return OVERLOADED
  if (status >= 500 || status === 408) return SERVER
  return status === 413 ? TOO_LONG : REFUSED
}

/** Null where the sentence says nothing of the provider. `now` tells which day a time of day means. */
export function classify(said: string, known: Known, now: Millis): Failure | null {
  const message = unwrapped(said)
  const kind = kindOf(message, said, known)
  if (kind === null) return null
  const [code, failureClass] = kind
  const isWait = failureClass === 'transient' && code !== 'auth'
  const retryAfterMs = isWait ? (known.retryAfterMs ?? waitIn(message)) : null
  const until = code === 'usage-limit' ? limitEnd(message, now) : null
  return {
    class: failureClass,
    code,
    sentence: `The model's provider did not serve codex: ${shown(known.trouble ?? message)}`,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(until === null ? {} : { until }),
  }
}

function kindOf(message: string, said: string, { lastStatus, trouble }: Known): Kind | null {
  const [match, kind] = WORDINGS.flatMap(([pattern, kind]) => {
    const match = pattern.exec(message)
    return match === null ? [] : ([[match, kind]] as const)
  })[0] ?? [null, null]
  const status = match?.[1] === undefined ? null : Number(match[1])
  if (kind !== null && status === null) return kind
  // The gateway answers for a provider that cannot be reached.
  if (status !== null && status >= 500 && trouble !== null) return NETWORK
  if (status !== null) return ofStatus(status)
  if (trouble !== null) return NETWORK
  if (lastStatus !== null && lastStatus >= 400) return ofStatus(lastStatus)
  // A 400 is shown as the body it came with.
  return said.trim().startsWith('{') || /^(?:reconnecting|invalid|unsupported)/i.test(message) ? REFUSED : null
}

/** Without "Reconnecting... 1/2 (…)", and out of the JSON of an answer. */
function unwrapped(said: string): string {
  const text = /^Reconnecting\.\.\. [^(]*\((.*)\)$/s.exec(said.trim())?.[1] ?? said.trim()
  if (!text.startsWith('{')) return text
  try {
    const message: unknown = JSON.parse(text)?.error?.message
    return typeof message === 'string' && message !== '' ? message : text
  } catch {
    return text
  }
}

/** One line, no addresses, and no piece of a key that a provider quotes. */
export const shown = (text: string): string =>
  text
    .replace(/, (?:url|cf-ray|request id): \S+/g, '')
    .replace(/\bsk-[\w*-]+/g, 'sk-…')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300)
    .toWellFormed()
