import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  lchownSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { UserError } from '../../../core/errors.ts'
import type { Binaries } from './binaries.ts'
import { livingOf, startGuarded } from './guarded-process.ts'
import type { Living } from './process-life.ts'
import { OWN_SERVER, startFailure } from './sentences.ts'
import type { Ids, ServerUser } from './server-user.ts'

const OURS = /^(owner-.*|new-\d+|binaries-.*|run|lost\+found)$/

/** The database proper, PostgreSQL's own data directory. */
export const databaseIn = (folder: string): string => join(folder, 'db')

const isMissingOrEmpty = (folder: string): boolean => !existsSync(folder) || readdirSync(folder).length === 0

/** Whose the database is; undefined before the first start. */
export const databaseOwner = (folder: string): Ids | undefined =>
  isMissingOrEmpty(databaseIn(folder)) ? undefined : statSync(databaseIn(folder))

/**
 * Makes the data folder where there is none. What root makes below an ordinary user's folder belongs to that user.
 * @returns its true path.
 * @throws {UserError} when it holds something else: it is about to be closed to everybody else.
 */
export const openDataFolder = (wanted: string, me: Ids): string => {
  const path = resolve(wanted)
  mkdirSync(dirname(path), { recursive: true })
  if (!existsSync(path)) {
    const host = statSync(dirname(path))
    mkdirSync(path, { mode: 0o700 })
    if (me.uid === 0 && host.uid !== 0) chownSync(path, host.uid, host.gid)
  }
  const entries = readdirSync(path)
  const stranger = entries.find((entry) => !OURS.test(entry))
  if (stranger !== undefined && !entries.includes('db')) {
    throw new UserError(
      `"${path}" holds other files ("${stranger}") and no database of Orch: choose an empty or new folder for Orch's data.`,
    )
  }
  return realpathSync(path)
}

/** Closes the data folder to others; where the server runs as somebody else, that one may pass through, not look. */
export const closeDataFolder = (folder: string, user: ServerUser): void => {
  const { uid, mode } = statSync(folder)
  const wanted = uid === user.owner.uid || user.prefix.length > 0 ? 0o700 : 0o711
  if ((mode & 0o777) !== wanted) chmodSync(folder, wanted)
}

/** Gives `folder` and all in it to `owner`; itself last, so that it stays closed to the new owner until then. */
const give = (folder: string, { uid, gid }: Ids): void => {
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    lchownSync(join(folder, entry), uid, gid)
  lchownSync(folder, uid, gid)
}

/** Removes what dead attempts left. Only for the owner of the data folder. */
export const removeLeftovers = (folder: string): void => {
  for (const entry of readdirSync(folder)) {
    if (/^new-\d+$/.test(entry)) rmSync(join(folder, entry), { recursive: true, force: true })
  }
}

/**
 * Makes the database if there is none, whole or not at all, and otherwise checks that this PostgreSQL can serve it.
 * @throws {UserError} when it was made by another major version, or the disk is full, …
 */
export const ensureDatabase = async (
  folder: string,
  user: ServerUser,
  binaries: Binaries,
  env: Record<string, string>,
  onLaunch: (child: Living) => void,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const database = databaseIn(folder)
  if (isMissingOrEmpty(database)) return createDatabase(folder, user, binaries, env, onLaunch, signal)
  const stamp = join(database, 'PG_VERSION')
  const major = existsSync(stamp) ? Number(readFileSync(stamp, 'utf8')) : undefined
  if (major === undefined) {
    throw new UserError(
      `"${database}" is no PostgreSQL database (PG_VERSION is missing): restore it from a backup, or remove it to begin anew.`,
    )
  }
  if (major !== binaries.major) {
    throw new UserError(
      `"${database}" was made by PostgreSQL ${major} and Orch brings PostgreSQL ${binaries.major}: start the Orch version that made it, or serve it with PostgreSQL ${major} and ${OWN_SERVER}.`,
    )
  }
  const { uid, mode } = statSync(database)
  if (uid !== user.owner.uid) give(database, user.owner)
  if ((mode & 0o777) !== 0o700) chmodSync(database, 0o700)
}

const createDatabase = async (
  folder: string,
  user: ServerUser,
  binaries: Binaries,
  env: Record<string, string>,
  onLaunch: (child: Living) => void,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const half = join(folder, `new-${process.pid}`)
  mkdirSync(half, { mode: 0o700 })
  if (user.owner.uid !== statSync(half).uid) chownSync(half, user.owner.uid, user.owner.gid)
  const settings = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-instructions']
  const initdb = startGuarded([join(binaries.folder, 'initdb'), '-D', half, ...settings], user, env)
  const abort = () => void initdb.end()
  signal?.addEventListener('abort', abort)
  try {
    onLaunch(livingOf(initdb))
    const outcome = await initdb.ended
    signal?.throwIfAborted()
    if (outcome !== 'exit code 0') throw startFailure(initdb.said() || `initdb: error: ${outcome}`, folder)
  } catch (error) {
    await initdb.end()
    rmSync(half, { recursive: true, force: true })
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
  }
  renameSync(half, databaseIn(folder))
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
