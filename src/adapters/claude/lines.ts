/** Bytes in any pieces to lines, in flat memory: a message can be long, a broken one endless. */

/** A message holds what a tool returned, such as a picture. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024
const NEWLINE = 0x0a

export interface Lines {
  write(bytes: Uint8Array): void
  /** Gives out the last line where it had no newline. */
  end(): void
}

/**
 * `line` is null where it was longer than `maxBytes`: its beginning must not be taken for a line. `bytes` is its length
 * without the newline. What is not UTF-8 becomes U+FFFD.
 */
export function splitLines(onLine: (line: string | null, bytes: number) => void, maxBytes = LINE_BYTES_MAX): Lines {
  let held: Uint8Array[] = []
  let bytes = 0
  const hold = (part: Uint8Array): void => {
    bytes += part.length
    // A copy: the piece may be part of a far greater block of memory.
    if (bytes <= maxBytes) held.push(Buffer.from(part))
    else held = []
  }
  const release = (): void => {
    const line = bytes > maxBytes ? null : Buffer.concat(held).toString('utf8')
    const length = bytes
    held = []
    bytes = 0
    onLine(line, length)
  }
  return {
    write(chunk) {
      let from = 0
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        hold(chunk.subarray(from, at))
        release()
        from = at + 1
      }
      if (from < chunk.length) hold(chunk.subarray(from))
    },
    end() {
      if (bytes > 0) release()
    },
  }
}
