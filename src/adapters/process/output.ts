/** What a program prints: its lines as they come, and the end of it all, both in flat memory. */

/** Longer lines lose the rest, so that nobody can forge the start of a line by filling up the one before. */
export const LINE_BYTES = 64 * 1024

const NEWLINE = 0x0a
const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

/** Where to cut before `at` without splitting a character. */
const cutBefore = (bytes: Buffer, at: number): number => {
  if (at >= bytes.length) return bytes.length
  let end = at
  while (end > 0 && end > at - 4 && isContinuation(bytes[end])) end -= 1
  return isContinuation(bytes[end]) ? at : end
}

export interface LineSplitter {
  write(chunk: Buffer): void
  /** Gives out the last line where it had no newline. */
  end(): void
}

/** Splits bytes at newlines; what is not UTF-8 becomes U+FFFD. Characters that span two chunks stay whole. */
export const splitLines = (onLine: (line: string) => void): LineSplitter => {
  let held: Buffer[] = []
  let heldBytes = 0
  const hold = (part: Buffer): void => {
    // Four bytes more than the cut, so that it can tell whether a character crosses it.
    const room = LINE_BYTES + 4 - heldBytes
    if (room <= 0 || part.length === 0) return
    const taken = Buffer.from(part.subarray(0, room))
    held.push(taken)
    heldBytes += taken.length
  }
  const release = (): void => {
    const line = held.length === 1 ? held[0]! : Buffer.concat(held)
    held = []
    heldBytes = 0
    onLine(line.toString('utf8', 0, cutBefore(line, LINE_BYTES)))
  }
  return {
    write(chunk) {
      let from = 0
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        hold(chunk.subarray(from, at))
        release()
        from = at + 1
      }
      hold(chunk.subarray(from))
    },
    end() {
      if (heldBytes > 0) release()
    },
  }
}

export interface Tail {
  write(chunk: Buffer): void
  text(): string
}

/** Keeps the last `limit` bytes. */
export const keepTail = (limit: number): Tail => {
  let kept: Buffer[] = []
  let bytes = 0
  let isCut = false
  const last = (): Buffer => {
    const all = Buffer.concat(kept)
    return all.subarray(Math.max(0, all.length - limit))
  }
  return {
    write(chunk) {
      kept.push(chunk)
      bytes += chunk.length
      if (bytes < 2 * limit && kept.length < 256) return
      isCut ||= bytes > limit
      kept = [Buffer.from(last())]
      bytes = kept[0]!.length
    },
    text() {
      const end = last()
      let from = 0
      while ((isCut || bytes > limit) && from < 3 && isContinuation(end[from])) from += 1
      return end.toString('utf8', from)
    },
  }
}
