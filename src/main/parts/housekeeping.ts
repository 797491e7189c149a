/** What is done now and then: old logs of runs make room for new ones. */
import { loop } from '#engine/loop.ts'
import type { Reads } from '#engine/ports/store.ts'
import type { Clock, Log } from '#engine/ports/world.ts'
import type { FileRunLogs } from '../../adapters/files/run-logs.ts'

const EVERY_MS = 60 * 60_000

/** Runs until `stopped`. Logs of runs that are under way anywhere are kept. */
export const keepHouse = (
  { runLogs, reads, clock, log }: { runLogs: FileRunLogs; reads: Reads; clock: Clock; log: Log },
  stopped: AbortSignal,
): Promise<void> => {
  const step = async (): Promise<boolean> => {
    const live = new Set((await reads.liveRuns()).map(({ id }) => id))
    const { runs, bytes } = await runLogs.prune(clock.now(), (run) => live.has(run))
    if (runs > 0) log.info({ runs, bytes }, 'old logs of runs were removed')
    return false
  }
  return loop({ name: 'housekeeping', step, everyMs: EVERY_MS }, { clock, log }, stopped)
}
