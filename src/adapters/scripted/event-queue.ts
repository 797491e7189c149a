/** Events pushed on one side and read as an async iterable on the other; bounded, the oldest fall out first. */

export interface EventQueue<T> extends AsyncIterable<T> {
  push(event: T): void
  end(): void
}

export function eventQueue<T>(limit = 10_000): EventQueue<T> {
  const waiting: T[] = []
  let ended = false
  let wake: (() => void) | null = null
  const rouse = () => {
    wake?.()
    wake = null
  }
  return {
    push(event) {
      if (ended) return
      waiting.push(event)
      if (waiting.length > limit) waiting.shift()
      rouse()
    },
    end() {
      ended = true
      rouse()
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (waiting.length > 0) yield waiting.shift() as T
        if (ended) return
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
