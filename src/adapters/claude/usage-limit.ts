/**
 * When an account's limit is lifted, read from the sentences that the CLI and the provider say. They are told as
 * `…limit reached|<seconds since 1970>`, `…resets 4:50am (Europe/Rome)`, `…resets Nov 25, 3pm (UTC)`, and
 * `…regain access on 2026-12-01 at 00:00 UTC`.
 */
import type { Millis } from '#core/words.ts'

const LIMIT =
  /usage limit reached|limit reached\s*[|·∙]|hit your [\w ,-]*limit\b|reached your (?:specified )?(?:API )?usage limits?|out of usage credits|spend limit reached/i

export const isUsageLimit = (text: string): boolean => LIMIT.test(text)

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAY_MS = 24 * 60 * 60_000

/** Null where the text says no time, or one that we cannot read. */
export function limitUntil(text: string, now: Millis): Millis | null {
  const epoch = /limit reached\|(\d{9,11})\b/i.exec(text)?.[1]
  if (epoch !== undefined) return Number(epoch) * 1000
  const [, day, time] = /regain access on (\d{4}-\d\d-\d\d)(?: at (\d\d:\d\d) UTC)?/i.exec(text) ?? []
  if (day !== undefined) return finite(Date.parse(`${day}T${time ?? '00:00'}:00Z`))
  const clock =
    /resets?(?: at| on)? (?:([a-z]{3})[a-z]* (\d{1,2})(?:,| at)* )?(\d{1,2})(?::(\d\d))? ?([ap])m \(([\w/+-]{2,40})\)/i.exec(
      text,
    )
  if (clock === null) return null
  const [, month, date, hour, minute = '0', half, zone] = clock
  const minuteOfDay = ((Number(hour) % 12) + (half?.toLowerCase() === 'p' ? 12 : 0)) * 60 + Number(minute)
  const from = dayOf(month, date, now)
  if (from === null) return null
  try {
    return nextMoment(from, minuteOfDay, zone!, month === undefined)
  } catch {
    return null // A time zone that this machine does not know.
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** Some moment of the named day, in this year or the next; now where no day is named. Null for a day that is none. */
function dayOf(month: string | undefined, date: string | undefined, now: Millis): Millis | null {
  if (month === undefined) return now
  const at = MONTHS.indexOf(month.toLowerCase())
  if (at < 0) return null
  const year = new Date(now).getUTCFullYear()
  const noon = (of: number): Millis => Date.UTC(of, at, Number(date), 12)
  return noon(year) < now - 2 * DAY_MS ? noon(year + 1) : noon(year)
}

/** The moment of that day, or the next one from `from` on, at which clocks in the zone show this minute. */
function nextMoment(from: Millis, minuteOfDay: number, zone: string, isNext: boolean): Millis {
  const offsetMs = offsetOf(zone, from)
  const local = from + offsetMs
  const midnight = Math.floor(local / DAY_MS) * DAY_MS
  const at = midnight + minuteOfDay * 60_000 - offsetMs
  return isNext && at <= from ? at + DAY_MS : at
}

/** How far clocks in the zone are ahead of UTC. */
function offsetOf(zone: string, at: Millis): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at)
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value)
  const local = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
  return local - Math.floor(at / 1000) * 1000
}
