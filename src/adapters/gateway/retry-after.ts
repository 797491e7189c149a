/** How long an answer asks to wait. */
import type { IncomingHttpHeaders } from 'node:http'

/**
 * Milliseconds, never negative; null where a refusing answer names no time, and for every answer that does not refuse.
 * `retry-after` is seconds or a date (RFC 9110, 10.2.3), `retry-after-ms` the same finer; a provider that limits by account
 * tells the time of the limit's end in `anthropic-ratelimit-unified-reset`, in seconds since the epoch.
 */
export function readRetryAfterMs(status: number, headers: IncomingHttpHeaders, nowMs: number): number | null {
  if (status < 400) return null
  const named = headers['retry-after']?.trim()
  const candidates = [
    number(headers['retry-after-ms']),
    number(named) * 1000,
    // A bare number is a year to Date.parse.
    named !== undefined && /[a-z]/i.test(named) ? Date.parse(named) - nowMs : Number.NaN,
    status === 429 ? number(headers['anthropic-ratelimit-unified-reset']) * 1000 - nowMs : Number.NaN,
  ]
  const found = candidates.find((ms) => Number.isSafeInteger(Math.round(ms)))
  return found === undefined ? null : Math.max(0, Math.round(found))
}

const number = (value: string | readonly string[] | undefined): number =>
  typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : Number.NaN
