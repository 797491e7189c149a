import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../../core/errors.ts'
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
 * Waits until the server (or the `initdb`) of a dead owner has ended. A server that the owner's record names is asked to,
 * for its watcher may be dead as well; one that we know nothing of is a person's and is left alone.
 * @throws {UserError} when one still works there after 10 s.
 */
export const waitOutPredecessor = async (
  database: string,
  predecessor: OwnerRecord | undefined,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const child = predecessor?.child
  const childLives = () => child !== undefined && lifeOf(child.pid) === child.life
  // The record is only a file: nobody is signalled on its word alone.
  if (child && childLives() && servesFolder(child.pid, database)) process.kill(child.pid, 'SIGINT')
  const isServed = () => {
    const pid = lockedBy(database)
    return childLives() || (pid !== undefined && servesFolder(pid, database))
  }
  if (await until(() => !isServed(), SHUTDOWN_MS, signal)) return
  throw new UserError(
    `A PostgreSQL server (process ${lockedBy(database) ?? 'unknown'}) that this Orch did not start works in "${database}": stop it and start again.`,
  )
}
