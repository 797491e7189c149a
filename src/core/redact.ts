/** Takes secrets out of text that comes in pieces. The result is the same however the text was cut. */
import { createSecretFinder, type SecretFinder } from './secrets.ts'

export interface Redactor {
  /** What can be said for certain by now. A line that has not ended is held back, up to a bound. */
  push(chunk: string): string
  /** What was held back. Afterwards it is as new. */
  end(): string
}

const PEM_OPENS = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s"'+,;\\]{0,20}$/
/** A line within a key: nothing but base64 beside what quotes, numbers or indents it; or a header or an empty line of it. */
const PEM_LINE =
  /^[\s>|+-]{0,20}(?:\d{1,6}[:|\t→-])?[\s"'+]{0,20}(?:[A-Za-z0-9+/=]{1,200}(?:\\[rn])*["'+,;\s\\]{0,20}|(?:Proc-Type|DEK-Info|Version|Comment): .{1,200}|)$/
const PEM_LINE_MAX = 320
const PEM_LINES_MAX = 400

const marked = (kind: string): string => `[redacted: ${kind}]`

/** @param known exact values that must not show, whatever their format. */
export function createRedactor(known: readonly string[]): Redactor {
  const line = createLineRedactor(createSecretFinder(known))
  return {
    push(chunk) {
      const parts = chunk.split('\n')
      const last = parts.pop() ?? ''
      return `${parts.map((part) => `${line.add(part)}${line.end()}\n`).join('')}${line.add(last)}`
    },
    end: () => {
      const rest = line.end()
      line.reset()
      return rest
    },
  }
}

/** The whole text at once. */
export function redact(text: string, known: readonly string[]): string {
  const redactor = createRedactor(known)
  return redactor.push(text) + redactor.end()
}

/** One line after the other, each in pieces. Only a line longer than twice the finder's reach is told before its end. */
function createLineRedactor({ spans, reach, behind }: SecretFinder) {
  let pieces: string[] = []
  let length = 0
  /** Places in the held text. Up to `from` it is told, and kept only as what stands before the rest. */
  let from = 0
  /** Up to where there is nothing left to tell; beyond `from` where a secret reaches over it. */
  let at = 0
  /** The end of the last secret; what overlaps or touches it is one with it. */
  let covered = -1
  let wasCut = false
  /** How many more lines may belong to a private key that was opened. */
  let keyLines = 0

  const tell = (text: string, upTo: number): string => {
    let out = ''
    for (const { start, end, kind } of spans(text)) {
      if (start < from || start >= upTo) continue
      if (start > covered) out += text.slice(at, start) + marked(kind)
      covered = Math.max(covered, end)
      at = Math.max(at, covered)
    }
    if (at < upTo) out += text.slice(at, upTo)
    at = Math.max(at, upTo)
    from = upTo
    return out
  }

  const forget = (text: string, count: number): void => {
    pieces = [text.slice(count)]
    length = text.length - count
    from -= count
    at -= count
    covered -= count
  }

  const isKeyLine = (text: string): boolean => {
    if (keyLines > 0) keyLines = !wasCut && text.length <= PEM_LINE_MAX && PEM_LINE.test(text) ? keyLines - 1 : 0
    return keyLines > 0
  }

  return {
    add(piece: string): string {
      pieces.push(piece)
      length += piece.length
      if (length <= 2 * reach) return ''
      wasCut = true
      const text = pieces.join('')
      // What begins before this place is here as a whole.
      const out = tell(text, text.length - reach)
      forget(text, from - behind)
      return out
    },
    end(): string {
      const text = pieces.join('')
      const isKey = isKeyLine(text)
      const out = isKey ? (text.trim() === '' ? text : marked('a private key')) : tell(text, text.length)
      if (PEM_OPENS.test(text.slice(-200))) keyLines = PEM_LINES_MAX
      forget('', 0)
      from = 0
      at = 0
      covered = -1
      wasCut = false
      return out
    },
    reset(): void {
      keyLines = 0
    },
  }
}
