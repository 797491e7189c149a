/** Pieces of the CLI's output in words for a person. */
import type { Message } from './messages.ts'

const DETAIL_MAX = 200

/** On one line and short. */
export const brief = (text: string, length = DETAIL_MAX): string => {
  // Looking at more would cost time on endless texts.
  const line = text
    .slice(0, 4 * length)
    .replace(/\s+/g, ' ')
    .trim()
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`
}

/** What a tool is used on: the first text that its input has under one of the usual names, else all of it. */
export function toolDetail(input: unknown): string {
  const fields = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {}
  const said = ['command', 'file_path', 'pattern', 'path']
    .map((name) => fields[name])
    .find((one) => typeof one === 'string')
  return brief(typeof said === 'string' ? said : (JSON.stringify(input) ?? ''))
}

export function retrySentence({ attempt, of, delayMs, status, error }: Extract<Message, { is: 'retry' }>): string {
  const why = status === null ? 'the provider could not be reached' : `the provider answered ${status}`
  const which = attempt === null || of === null ? '' : `; try ${attempt} of ${of}`
  const when = delayMs === null ? '' : ` in ${Math.ceil(delayMs / 1000)} s`
  return `${why}${error === null ? '' : ` (${brief(error, 60)})`}${which}${when}`
}
