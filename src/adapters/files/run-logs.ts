/** Logs of runs as files under `runs_dir`: redacted before a byte is written, bounded, and pruned as whole runs. */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Millis, RunId } from '../../core/words.ts'
import type { RunLogs } from '../../engine/ports/run-logs.ts'
import type { Log } from '../../engine/ports/world.ts'
import { createLogFile } from './log-file.ts'
import { type Kept, pruneRunLogs } from './prune-run-logs.ts'

export interface RunLogsOptions {
  /** Exact values that may not be written down; asked for anew with each run. */
  readonly secrets?: () => readonly string[]
  /** Of each of a run's two files. */
  readonly limitBytes?: number
  readonly keep?: Kept
}

export interface FileRunLogs extends RunLogs {
  /**
   * Removes the oldest runs' logs until what is left is young and small enough. Only whole runs go, so a follower's offset
   * either stays true or there is no log any more; runs that are open here or that `isLive` stay. Never throws.
   */
  prune(now: Millis, isLive?: (run: RunId) => boolean): Promise<{ readonly runs: number; readonly bytes: number }>
}

const LIMIT_BYTES = 64 * 1024 * 1024
const KEEP: Kept = { days: 30, bytes: 10 * 1024 * 1024 * 1024 }
const PAGE_BYTES = 256 * 1024
const RUN_ID = /^[0-9]{1,15}\.[0-9]{1,9}$/

/** `<runs_dir>/<task>/<run>.log`; null for what is no run id, so that no name from outside becomes a path. */
export const runLogPath = (runsDir: string, run: string): string | null =>
  RUN_ID.test(run) ? join(runsDir, run.slice(0, run.indexOf('.')), `${run}.log`) : null

const rawPath = (told: string): string => told.replace(/log$/, 'raw')

export function createRunLogs(
  runsDir: string,
  log: Log,
  { secrets = () => [], limitBytes = LIMIT_BYTES, keep = KEEP }: RunLogsOptions = {},
): FileRunLogs {
  const openRuns: RunId[] = []
  return {
    open(run) {
      const path = runLogPath(runsDir, run)
      if (path === null) throw new Error(`${run} is no run id`)
      let isTold = false
      const options = {
        secrets: secrets(),
        limitBytes,
        onError(error: unknown) {
          const why = error instanceof Error ? error.message : error
          if (!isTold) log.warn({ run, error: why }, 'the log of a run could not be written')
          isTold = true
        },
      }
      openRuns.push(run)
      const told = createLogFile(path, options)
      // Made with its first line: only agents have such a stream.
      let raw: ReturnType<typeof createLogFile> | null = null
      return {
        append: (line) => told.add(line),
        raw(line) {
          raw ??= createLogFile(rawPath(path), options)
          raw.add(line)
        },
        async close() {
          await Promise.all([told.close(), raw?.close()])
          const place = openRuns.indexOf(run)
          if (place >= 0) openRuns.splice(place, 1)
        },
      }
    },

    async read(run, offset, which) {
      const told = runLogPath(runsDir, run)
      if (told === null) return null
      const path = which === 'raw' ? rawPath(told) : told
      let file: Awaited<ReturnType<typeof open>>
      try {
        file = await open(path, 'r')
      } catch {
        return null
      }
      try {
        const buffer = Buffer.alloc(PAGE_BYTES)
        const { bytesRead } = await file.read(buffer, 0, PAGE_BYTES, offset)
        const page = buffer.subarray(0, bytesRead)
        // Only whole lines are handed out, so that a character is never cut; a very long line is cut all the same.
        const end = page.lastIndexOf(10) + 1 || (bytesRead === PAGE_BYTES ? bytesRead : 0)
        return { text: page.subarray(0, end).toString('utf8'), next: offset + end }
      } finally {
        await file.close()
      }
    },

    prune: (now, isLive = () => false) =>
      pruneRunLogs(runsDir, { now, keep, log, isLive: (run) => openRuns.includes(run) || isLive(run) }),
  }
}
