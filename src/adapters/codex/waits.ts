/** Times in the CLI's sentences: "try again in 1.5s", "try again at 9:57 PM" (of the zone it runs in, which is UTC). */
import type { Millis } from '#core/words.ts'

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  second: 1000,
  m: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
}
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAY_MS = 86_400_000

/** Milliseconds to wait; null where none are named. */
export function waitIn(text: string): number | null {
  const [, list] =
    /try again in ((?:\d+(?:\.\d+)?\s*(?:days?|hours?|minutes?|seconds?|ms|[smhd])(?![a-z])[\s,]*(?:and )?)+)/i.exec(
      text,
    ) ?? []
  if (list === undefined) return null
  const parts = [...list.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)]
  const unit = (word: string): number =>
    UNIT_MS[word.toLowerCase()] ?? UNIT_MS[word.toLowerCase().replace(/s$/, '')] ?? 0
  return Math.round(parts.reduce((sum, [, amount, word]) => sum + Number(amount) * unit(word ?? ''), 0))
}

/** When an account's limit ends; null where no time is named. */
export function limitEnd(text: string, now: Millis): Millis | null {
  const wait = waitIn(text)
  if (wait !== null) return now + wait
  const match =
    /try again at (?:([a-z]{3})[a-z]* (\d{1,2})(?:st|nd|rd|th)?, (\d{4}),? )?(\d{1,2}):(\d{2})(?::\d{2})? ?([ap]m)?/i.exec(
      text,
    )
  if (match === null) return null
  const [, month, day, year, hour, minute, half] = match
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0)
  if (month !== undefined) {
    const at = MONTHS.indexOf(month.toLowerCase())
    return at < 0 ? null : Date.UTC(Number(year), at, Number(day), hours, Number(minute))
  }
  const midnight = now - (now % DAY_MS)
  const today = midnight + (hours * 60 + Number(minute)) * 60_000
  // Only minutes are named: a moment ago is now, and anything earlier is tomorrow.
  return today + 60_000 < now ? today + DAY_MS : today
}
