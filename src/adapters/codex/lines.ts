/** Bytes in any pieces to lines of text, in flat memory: the CLI's own lines may be long, a broken one endless. */

/** An event holds a whole message, or what a command printed. */
const LINE_BYTES_MAX = 1024 * 1024
/** What is shown of a line that is too long. */
const SHOWN_BYTES = 64 * 1024
const NEWLINE = 0x0a

export interface Lines {
  write(bytes: Uint8Array): void
  /** Gives out the last line where it had no newline. */
  end(): void
}

/** `isWhole` is false where a line was cut: it must not be taken for what it begins like. */
export function splitLines(onLine: (line: string, isWhole: boolean) => void): Lines {
  let held: Uint8Array[] = []
  let heldBytes = 0
  let isCut = false
  const hold = (part: Uint8Array): void => {
    if (part.length === 0) return
    isCut ||= heldBytes + part.length > LINE_BYTES_MAX
    if (isCut && heldBytes >= SHOWN_BYTES) return
    // A copy: the piece may be part of a far greater block of memory.
    held.push(Buffer.from(part.subarray(0, LINE_BYTES_MAX - heldBytes)))
    heldBytes += held.at(-1)!.length
  }
  const release = (): void => {
    const bytes = Buffer.concat(held)
    const wasCut = isCut
    held = []
    heldBytes = 0
    isCut = false
    // What is not UTF-8 becomes U+FFFD.
    const text = (wasCut ? bytes.subarray(0, SHOWN_BYTES) : bytes).toString('utf8')
    onLine(text.replace(/\r$/, ''), !wasCut)
  }
  return {
    write(bytes) {
      let from = 0
      for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
        hold(bytes.subarray(from, at))
        release()
        from = at + 1
      }
      hold(bytes.subarray(from))
    },
    end() {
      if (heldBytes > 0) release()
    },
  }
}
