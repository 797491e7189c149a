/** The production loop around a `step`: again while there is work, else asleep until the bell or the next look. */
import { sentenceOf, TransientError } from '#core/errors.ts'
import type { Clock, Log } from './ports/world.ts'

/** Rings when something was committed that may make work. Missing a ring only costs the time to the next look. */
export interface Bell {
  ring(): void
  /** A signal that aborts at the next ring. */
  next(): AbortSignal
}

export function createBell(): Bell {
  let controller = new AbortController()
  return {
    ring: () => {
      const rung = controller
      controller = new AbortController()
      rung.abort()
    },
    next: () => controller.signal,
  }
}

export interface LoopSpec {
  readonly name: string
  /** Does one piece of work; true when there may be more at once. */
  readonly step: () => Promise<boolean>
  readonly everyMs: number
  readonly bell?: Bell
}

/** Runs until `stopped`; resolves when the step under way has returned. A failing step is logged and tried again later. */
export async function loop(
  { name, step, everyMs, bell }: LoopSpec,
  { clock, log }: { clock: Clock; log: Log },
  stopped: AbortSignal,
): Promise<void> {
  let failures = 0
  while (!stopped.aborted) {
    const ring = bell?.next()
    let more = false
    try {
      more = await step()
      failures = 0
    } catch (thrown) {
      failures += 1
      log.warn(
        { loop: name, failures, error: thrown instanceof TransientError ? sentenceOf(thrown) : thrown },
        'a loop step failed',
      )
    }
    if (more || stopped.aborted) continue
    const wait = failures === 0 ? everyMs : Math.min(everyMs * 2 ** Math.min(failures, 6), 30_000)
    await clock.sleep(wait, ring === undefined ? stopped : AbortSignal.any([stopped, ring]))
  }
}
