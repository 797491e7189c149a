// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences of terminals begin with one
const TERMINAL = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g
/** Characters that are not seen but change what is read: controls, zero widths, turns of direction, tag characters. */
const HIDDEN =
  /[\p{Cc}\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u{e0000}-\u{e007f}]/gu
const KEPT = new Set(['\n', '\t'])

/**
 * Text of people and agents as it is shown: terminal colours are taken out, and characters made to hide or to reorder
 * something become visible, so that a person sees what they approve.
 */
export const plain = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replace(TERMINAL, '')
    .replace(HIDDEN, (hidden) => (KEPT.has(hidden) ? hidden : named(hidden)))

const named = (hidden: string): string => `‹U+${hidden.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}›`

/** One line of a log; progress that a program wrote over itself is shown as it ended. */
export const plainLine = (line: string): string => plain(line.replace(/\r$/, '').replace(/^.*\r/, ''))

/** A link only where it leads to a web page: an address from outside could be code. */
export function webLink(url: string): string | null {
  try {
    const { protocol, href } = new URL(url)
    return protocol === 'https:' || protocol === 'http:' ? href : null
  } catch {
    return null
  }
}
