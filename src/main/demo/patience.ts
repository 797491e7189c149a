/** Looking again where something cannot be read for the moment, as on a full disk. */
import { TransientError } from '#core/errors.ts'
import type { Millis } from '#core/words.ts'

const GIVE_UP_MS = 120_000

export interface Patience {
  /** What `look` found; null where it could not be read now. @throws {TransientError} when that has lasted too long. */
  attempt<T>(look: () => Promise<T | null>): Promise<T | null>
}

/** @param say told once each time it begins. */
export function createPatience(now: () => Millis, say: (sentence: string) => void): Patience {
  let since: Millis | null = null
  return {
    async attempt(look) {
      try {
        const found = await look()
        since = null
        return found
      } catch (thrown) {
        if (!(thrown instanceof TransientError)) throw thrown
        if (since === null) say(`Waits: ${thrown.message}`)
        since ??= now()
        if (now() - since > GIVE_UP_MS) throw thrown
        return null
      }
    },
  }
}
