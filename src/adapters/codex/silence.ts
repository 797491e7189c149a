/** Noticing that nothing comes any more, without a timer per sign and whatever the wall clock does. */
import type { Clock } from '#engine/ports/world.ts'

const PARTS = 4

/**
 * Resolves to true when no sign has come for `limitMs` (a quarter more at most), and to false when it is called off.
 * `signs` counts them.
 */
export async function silenceOf(
  clock: Clock,
  limitMs: number,
  signs: () => number,
  off: AbortSignal,
): Promise<boolean> {
  let seen = signs()
  for (let quiet = 0; quiet < PARTS; quiet += 1) {
    await clock.sleep(limitMs / PARTS, off)
    if (off.aborted) return false
    if (signs() !== seen) quiet = -1
    seen = signs()
  }
  return true
}
