import { sentenceOf, UserError } from '../../../core/errors.ts'

/** The way out that every refusal names. */
export const OWN_SERVER = 'set DATABASE_URL (`database.url`) to a PostgreSQL server of your own'

/** PostgreSQL's words for a database on which another server, or what is left of one, still works. */
export const HELD_BACK = /postmaster\.pid" already exists|pre-existing shared memory block/

const TROUBLES: readonly (readonly [RegExp, (folder: string, said: string) => string])[] = [
  [
    /ENOSPC|EDQUOT|No space left on device|Disk quota exceeded|wrote only \d+ of \d+ bytes/,
    (folder) =>
      `The disk that holds "${folder}" is full: free some space (a new database takes about 100 MB) and start again.`,
  ],
  [
    /EROFS|Read-only file system/,
    (folder) => `"${folder}" lies on a read-only disk: choose another data folder, or ${OWN_SERVER}.`,
  ],
  [
    /could not look up effective user ID/,
    () =>
      `The user that runs Orch has no entry in /etc/passwd, which PostgreSQL's first start needs: add one, or ${OWN_SERVER}.`,
  ],
  [
    HELD_BACK,
    (folder, said) =>
      `A PostgreSQL server that this Orch did not start works in "${folder}" (process ${/PID (\d+)/.exec(said)?.[1] ?? 'unknown'}): stop it and start again.`,
  ],
  [
    /EACCES|EPERM|Permission denied|wrong ownership/,
    (folder) =>
      `The user that runs Orch may not use "${folder}": give the folder to that user, or choose another data folder.`,
  ],
  [/ENOTDIR|EEXIST/, (folder) => `"${folder}" is not a folder: choose another data folder.`],
]

const ABOUT_CLIENTS = /the database system is (starting up|shutting down)|terminating connection/

/** The last complaint among PostgreSQL's lines, without its level; the last line when none is marked as one. */
export const lastComplaint = (said: string): string => {
  const lines = said.split('\n').filter((line) => line.trim() !== '' && !ABOUT_CLIENTS.test(line))
  const marked = lines.filter((line) => /\b(FATAL|PANIC|error):/.test(line))
  return (marked.at(-1) ?? lines.at(-1) ?? 'it said nothing').replace(/^.*?\b(FATAL|PANIC|error|LOG):\s*/, '')
}

/** One sentence for what PostgreSQL or the file system said while the database in `folder` was to be started. */
export const startFailure = (said: string, folder: string): UserError => {
  const sentence = TROUBLES.find(([sign]) => sign.test(said))?.[1](folder, said)
  return new UserError(
    sentence ?? `PostgreSQL could not start in "${folder}" (${lastComplaint(said)}): put that right, or ${OWN_SERVER}.`,
  )
}

/** Puts the file system's own errors in words; everything else stays what it is. */
export const inWords = (thrown: unknown, folder: string): unknown =>
  thrown instanceof Error && 'syscall' in thrown && 'code' in thrown
    ? startFailure(`${thrown.code} ${sentenceOf(thrown)}`, folder)
    : thrown
