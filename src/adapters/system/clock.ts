/** Time and chance of the machine. */
import { randomUUID } from 'node:crypto'
import type { Clock, Ids } from '#engine/ports/world.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done)
    }),
}

export const systemIds: Ids = { uuid: () => randomUUID() }
