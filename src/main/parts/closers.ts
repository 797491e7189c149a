/** What was started and has to be stopped again, the last first. */
import type { Log } from '#engine/ports/world.ts'

export interface Closers {
  add(close: () => unknown): void
  /** From the moment `closeAll` is called. */
  isClosing(): boolean
  /** Closes everything; what does not close cleanly is logged and keeps nothing else from it. */
  closeAll(): Promise<void>
}

export function createClosers(log: Log): Closers {
  const closers: (() => unknown)[] = []
  let isClosing = false
  return {
    add: (close) => void closers.push(close),
    isClosing: () => isClosing,
    async closeAll() {
      isClosing = true
      for (const close of closers.splice(0).reverse()) {
        try {
          await close()
        } catch (error) {
          log.warn({ error }, 'a part did not stop cleanly')
        }
      }
    },
  }
}
