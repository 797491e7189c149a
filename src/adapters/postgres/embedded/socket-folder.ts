import { chownSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { UserError } from '../../../core/errors.ts'
import { OWN_SERVER } from './sentences.ts'
import type { ServerUser } from './server-user.ts'

/** Only names the socket file; nothing listens on a network. */
export const PORT = 5432

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, the last of them NUL, see unix(7). */
const LONGEST_BYTES = process.platform === 'linux' ? 107 : 103

export const socketIn = (folder: string): string => join(folder, `.s.PGSQL.${PORT}`)

/** Whether a server listens on the socket. */
export const accepts = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const attempt = connect(socket, () => settle(true)).once('error', () => settle(false))
    const settle = (answer: boolean) => {
      attempt.destroy()
      resolve(answer)
    }
  })

const fits = (folder: string): boolean => Buffer.byteLength(socketIn(folder)) <= LONGEST_BYTES

/** Removes such a folder. Its path may come from a record on the disk: nothing but a socket's own files goes with it. */
export const removeSocketFolder = (path: string): void => {
  for (const file of [socketIn(path), `${socketIn(path)}.lock`]) rmSync(file, { force: true })
  try {
    rmdirSync(path)
  } catch {
    // gone already, or not only ours
  }
}

/**
 * Makes a private folder for the server's socket: `run` in the data folder, or where that path is too long for a socket
 * a new one in the session's or the system's folder for short-lived files.
 * @throws {UserError} when none can be made.
 */
export const makeSocketFolder = (folder: string, user: ServerUser, env: Record<string, string | undefined>): string => {
  const near = join(folder, 'run')
  const path = fits(near) ? near : makeElsewhere(user, env)
  if (path === near) {
    removeSocketFolder(near)
    mkdirSync(near, { mode: 0o700 })
  }
  if (user.ids || user.owner.uid !== process.getuid?.()) chownSync(path, user.owner.uid, user.owner.gid)
  return path
}

const makeElsewhere = (user: ServerUser, env: Record<string, string | undefined>): string => {
  // The session's folder is closed to everybody but us: of no use to a server that runs as somebody else.
  const session = user.owner.uid === process.getuid?.() ? env.XDG_RUNTIME_DIR : undefined
  for (const parent of [session, env.TMPDIR, '/tmp']) {
    if (!parent || !fits(join(parent, 'orch-123456'))) continue
    try {
      return mkdtempSync(join(parent, 'orch-')) // made with mode 0700
    } catch {
      // not there or not writable: the next one
    }
  }
  throw new UserError(
    `No folder with a short path for PostgreSQL's socket: point TMPDIR at a writable one, or ${OWN_SERVER}.`,
  )
}
