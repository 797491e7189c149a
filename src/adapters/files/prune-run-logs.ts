/** Which runs' logs go, and their removal. */
import { readdir, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Millis, RunId } from '../../core/words.ts'
import type { Log } from '../../engine/ports/world.ts'

export interface Kept {
  readonly days: number
  readonly bytes: number
}

interface Pruning {
  readonly now: Millis
  readonly keep: Kept
  readonly isLive: (run: RunId) => boolean
  readonly log: Log
}

interface OldLog {
  readonly run: RunId
  readonly paths: readonly string[]
  readonly bytes: number
  /** When something was last added. */
  readonly at: Millis
}

const DAY_MS = 24 * 60 * 60 * 1000
const TASK = /^[0-9]{1,15}$/
const LOG_FILE = /^([0-9]{1,15}\.[0-9]{1,9})\.(?:log|raw)$/

/** @returns how many runs' logs went, and their bytes. */
export async function pruneRunLogs(
  runsDir: string,
  { now, keep, isLive, log }: Pruning,
): Promise<{ readonly runs: number; readonly bytes: number }> {
  const all = (await logsIn(runsDir)).toSorted((a, b) => a.at - b.at)
  let total = all.reduce((sum, { bytes }) => sum + bytes, 0)
  const gone = { runs: 0, bytes: 0 }
  for (const { run, paths, bytes, at } of all) {
    if (now - at <= keep.days * DAY_MS && total <= keep.bytes) break
    if (isLive(run)) continue
    try {
      for (const path of paths) await rm(path, { force: true })
      await rmdir(join(runsDir, run.slice(0, run.indexOf('.')))).catch(() => {})
      total -= bytes
      gone.runs += 1
      gone.bytes += bytes
    } catch (error) {
      log.warn({ run, error: error instanceof Error ? error.message : error }, 'the log of a run could not be removed')
    }
  }
  return gone
}

/** Files of other names are nobody's log and stay. */
async function logsIn(runsDir: string): Promise<readonly OldLog[]> {
  const logs = new Map<RunId, OldLog>()
  for (const task of await names(runsDir)) {
    if (!TASK.test(task)) continue
    for (const name of await names(join(runsDir, task))) {
      const run = LOG_FILE.exec(name)?.[1]
      const path = join(runsDir, task, name)
      const facts = run === undefined ? null : await stat(path).catch(() => null)
      if (run === undefined || facts === null) continue
      const known = logs.get(run) ?? { run, paths: [], bytes: 0, at: 0 }
      logs.set(run, {
        run,
        paths: [...known.paths, path],
        bytes: known.bytes + facts.size,
        at: Math.max(known.at, facts.mtimeMs),
      })
    }
  }
  return [...logs.values()]
}

const names = (dir: string): Promise<readonly string[]> => readdir(dir).catch(() => [])
