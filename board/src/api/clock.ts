/** The server's time as far as the page knows it, moving on in steps: texts between two steps agree with each other. */
export interface Clock {
  readonly now: () => number
  readonly subscribe: (listener: () => void) => () => void
  /** `at`: the server's clock in ms since the epoch, as an answer just told it. */
  readonly sawServerTime: (at: number) => void
}

const STEP_MS = 1_000
/** HTTP dates have whole seconds, and answers take a while: smaller differences are no differences. */
const TOLERATED_MS = 3_000

export function createClock(read: () => number): Clock {
  const listeners = new Set<() => void>()
  let offset = 0
  let now = read()
  let timer: ReturnType<typeof setInterval> | undefined
  const step = () => {
    now = read() + offset
    for (const listener of listeners) listener()
  }
  return {
    now: () => now,
    subscribe: (listener) => {
      listeners.add(listener)
      timer ??= setInterval(step, STEP_MS)
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
    sawServerTime: (at) => {
      if (Math.abs(at - (read() + offset)) <= TOLERATED_MS) return
      offset = at - read()
      step()
    },
  }
}
