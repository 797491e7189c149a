/** Server-sent events out of bytes in any pieces, as the HTML standard splits them; only their data is told. */

const LIMIT_CHARS = 32 * 1024 * 1024

export interface SseReader {
  push(bytes: Uint8Array): void
  /** An event whose blank line never came is told, too: what it says had been said. */
  end(): void
}

/** An event of more than `limit` characters is left out, so that memory stays bounded whatever comes. */
export function createSseReader(onData: (data: string) => void, limit = LIMIT_CHARS): SseReader {
  const decoder = new TextDecoder()
  let line = ''
  let data: string[] = []
  let size = 0
  let isCrBefore = false

  const append = (text: string) => {
    size += text.length
    if (size <= limit) line += text
    else if (text !== '') {
      // Not empty, so that it is no end of an event.
      line = ':'
      data = []
    }
  }
  const endEvent = () => {
    if (data.length > 0) onData(data.join('\n'))
    data = []
    size = 0
  }
  const endLine = () => {
    if (line === '') endEvent()
    else if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5))
    line = ''
  }
  const read = (text: string) => {
    let from = 0
    for (const { 0: mark, index } of text.matchAll(/[\r\n]/g)) {
      const isSecondHalf = mark === '\n' && isCrBefore && index === from
      if (!isSecondHalf) {
        append(text.slice(from, index))
        endLine()
      }
      isCrBefore = mark === '\r'
      from = index + 1
    }
    if (from < text.length) {
      append(text.slice(from))
      isCrBefore = false
    }
  }
  return {
    push: (bytes) => read(decoder.decode(bytes, { stream: true })),
    end() {
      read(decoder.decode())
      if (line !== '') endLine()
      endEvent()
    },
  }
}
