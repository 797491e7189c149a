/** Text on a terminal: as wide as it looks, and without anything that steers the terminal. */
import { stripVTControlCharacters } from 'node:util'
import { oneLine } from '#core/naming.ts'

const SEGMENTS = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** East Asian wide and full-width letters, and emoji, take two columns (https://www.unicode.org/reports/tr11/). */
const WIDE =
  /^(?:\p{Emoji_Presentation}|.\uFE0F|[\u1100-\u115F\u2E80-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{20000}-\u{3FFFD}])/u
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

const widthOf = (grapheme: string): number => (ZERO.test(grapheme) ? 0 : WIDE.test(grapheme) ? 2 : 1)

/** Columns that `text` takes; it must hold no escape sequences. */
export function displayWidth(text: string): number {
  let width = 0
  for (const { segment } of SEGMENTS.segment(text)) width += widthOf(segment)
  return width
}

/** `text` in at most `width` columns, with … at its end where something is missing. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let kept = ''
  let used = 0
  for (const { segment } of SEGMENTS.segment(text)) {
    used += widthOf(segment)
    if (used > width - 1) break
    kept += segment
  }
  return width < 1 ? '' : `${kept}…`
}

export const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - displayWidth(text)))
export const padLeft = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - displayWidth(text))) + text

/** A text of people or programs on one line that cannot steer the terminal. */
export const plain = (text: string, max = 1000): string => oneLine(stripVTControlCharacters(text), max)

/** Likewise, its blanks kept: a line of a log. */
export const plainLine = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/\t/g, '    ')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/gu, '·')

/** One JSON document with a line end. What could steer a terminal is escaped, which JSON allows anywhere in texts. */
export const json = (value: unknown): string =>
  `${JSON.stringify(value, null, 2).replace(
    /[\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )}\n`

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
] as const

/** `3d`, `2h`, `14m`, `9s`: two figures are as much as a list needs. */
export function duration(ms: number): string {
  for (const [unit, name] of UNITS) if (ms >= unit) return `${Math.floor(ms / unit)}${name}`
  return `${Math.max(0, Math.floor(ms / 1000))}s`
}

/** `2026-01-31 09:05:00`, in the time zone of this process. @param at milliseconds since the epoch. */
export function clockTime(at: number): string {
  const date = new Date(at)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}
