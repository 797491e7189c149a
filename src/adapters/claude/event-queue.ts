/** Events pushed on one side and read as an async iterable on the other; bounded, the oldest fall out first. */

const EVENTS_MAX = 10_000
/** Lines can be long: what waits is bounded in characters, too. */
const CHARACTERS_MAX = 32 * 1024 * 1024

export interface EventQueue<T> extends AsyncIterable<T> {
  /** `weight`: how many characters it holds. */
  push(event: T, weight: number): void
  end(): void
}

export function eventQueue<T>(eventsMax = EVENTS_MAX, charactersMax = CHARACTERS_MAX): EventQueue<T> {
  const waiting: { readonly event: T; readonly weight: number }[] = []
  let characters = 0
  let hasEnded = false
  let wake: (() => void) | null = null
  const take = (): T => {
    const first = waiting.shift()!
    characters -= first.weight
    return first.event
  }
  const rouse = (): void => {
    wake?.()
    wake = null
  }
  return {
    push(event, weight) {
      if (hasEnded) return
      waiting.push({ event, weight })
      characters += weight
      while (waiting.length > eventsMax || (characters > charactersMax && waiting.length > 1)) take()
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
