/** Events pushed on one side and read as an async iterable on the other; bounded, the oldest fall out first. */

const EVENTS_MAX = 10_000
/** Raw lines can be long: what waits is bounded in characters, too. */
const CHARS_MAX = 16 * 1024 * 1024

export interface EventQueue<T> extends AsyncIterable<T> {
  /** `weight`: how many characters it holds. */
  push(event: T, weight: number): void
  end(): void
}

export function eventQueue<T>(): EventQueue<T> {
  const waiting: { readonly event: T; readonly weight: number }[] = []
  let chars = 0
  let hasEnded = false
  let wake: (() => void) | null = null
  const rouse = () => {
    wake?.()
    wake = null
  }
  const take = (): T => {
    const first = waiting.shift()!
    chars -= first.weight
    return first.event
  }
  return {
    push(event, weight) {
      if (hasEnded) return
      waiting.push({ event, weight })
      chars += weight
      while (waiting.length > EVENTS_MAX || (chars > CHARS_MAX && waiting.length > 1)) take()
      rouse()
    },
    end() {
      hasEnded = true
      rouse()
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (waiting.length > 0) yield take()
        if (hasEnded) return
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
