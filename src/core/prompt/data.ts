/** Text of people and programs on its way into a prompt: cleaned, bounded, and fenced so that it cannot end its fence. */

/** Everything that a reader does not see: controls but tab and newline, direction marks, zero-width and tag characters. */
const INVISIBLE =
  /[\p{Cc}\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu

/** The text as a person sees it: no hidden characters, `\n` as its only line break, no half characters. */
export const visible = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(INVISIBLE, (char) => (char === '\n' || char === '\t' ? char : ''))

/** A block of data. A fence longer than any run of backticks inside cannot be closed from inside. */
export function fence(text: string): string {
  const mark = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return `${mark}text\n${text}\n${mark}`
}

/** Data within a sentence, on one line. */
export function inline(text: string): string {
  const mark = '`'.repeat(longestRun(text) + 1)
  const pad = text === '' || /^`|`$/.test(text) ? ' ' : ''
  return `${mark}${pad}${text}${pad}${mark}`
}

const longestRun = (text: string): number =>
  [...text.matchAll(/`+/g)].reduce((longest, [run]) => Math.max(longest, run.length), 0)

/** The longest beginning of `text` of at most `bytes` bytes of UTF-8; a character is never cut. */
export function cutBytes(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text
  let left = bytes
  let end = 0
  for (const char of text) {
    left -= utf8Length(char)
    if (left < 0) return text.slice(0, end)
    end += char.length
  }
  return text
}

function utf8Length(char: string): number {
  const code = char.codePointAt(0) ?? 0
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  return code < 0x10000 ? 3 : 4
}
