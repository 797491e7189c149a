import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OwnerRecord } from './owner.ts'
import { lifeOf, servesFolder } from './process-life.ts'
import { until } from './wait.ts'

const SHUTDOWN_MS = 10_000

/** The process that PostgreSQL's own lock file in `database` names. The file itself is PostgreSQL's to write and remove. */
export const lockedBy = (database: string): number | undefined => {
  try {
    return Math.abs(Number.parseInt(readFileSync(join(database, 'postmaster.pid'), 'utf8'), 10)) || undefined
  } catch {
    return undefined
  }
}

/**
 * Waits up to 10 s for the `initdb` or the server of a dead owner to end; a server is asked to, for its watcher may be
 * dead as well. Whether the database is free then is for PostgreSQL to say.
 */
export const waitOutPredecessor = async (
  database: string,
  predecessor: OwnerRecord | undefined,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const child = predecessor?.child
  if (!child) return
  const lives = () => lifeOf(child.pid) === child.life
  // The record is only a file: nobody is signalled on its word alone.
  if (lives() && servesFolder(child.pid, database)) process.kill(child.pid, 'SIGINT')
  await until(() => !lives(), SHUTDOWN_MS, signal)
}
