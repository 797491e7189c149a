/** Logs of runs as files under `runs_dir`: redacted before a byte is written, bounded, and pruned as whole files. */
import { closeSync, fstatSync, mkdirSync, openSync, createWriteStream } from 'node:fs'
import { open, readdir, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createRedactor } from '../../core/redact.ts'
import type { Millis, RunId } from '../../core/words.ts'
import type { RunLogs } from '../../engine/ports/run-logs.ts'
import type { Log } from '../../engine/ports/world.ts'

export interface RunLogsOptions {
  /** Values that may not be written down; asked anew for each run. */
  readonly secrets?: () => readonly string[]
  /** Of each of a run's two files. */
  readonly limitBytes?: number
  /** What `prune` leaves: nothing older, and not more in all. */
  readonly keep?: { readonly days: number; readonly bytes: number }
}
