/** The private folder of the sockets. */
import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { UserError } from '#core/errors.ts'

/** The kernel's `sun_path`, without its closing zero. */
const LONGEST = 107
/** `/<run's folder>/<socket>` below the private folder. */
const ROOM = 1 + 8 + 1 + 1

export const socketIn = (folder: string): string => join(folder, 's')

/**
 * `dir` itself, or where its path is too long for a socket, a folder below `tmpDir` that is always the same one. It is
 * made where it is missing, and readable by its owner alone.
 * @throws {UserError} where there is no room, or somebody else's folder is in the place.
 */
export function prepareFolder(dir: string, tmpDir: string): string {
  const hash = createHash('sha256').update(dir).digest('hex').slice(0, 12)
  const folder = [dir, join(tmpDir, `orch-gateway-${hash}`)].find((path) => Buffer.byteLength(path) + ROOM <= LONGEST)
  if (folder === undefined)
    throw new UserError(
      `Neither ${dir} nor ${tmpDir} leaves room for the name of a socket (${LONGEST} bytes): set TMPDIR to a folder with a shorter name.`,
    )
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid))
    throw new UserError(
      `The folder ${folder} for the gateway's sockets is not ours: remove it, or set the data folder to one with a shorter name.`,
    )
  chmodSync(folder, 0o700)
  return realpathSync(folder)
}

const isAnswered = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ path })
    const done = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.on('connect', () => done(true))
    // Full is not gone.
    socket.on('error', ({ code }: NodeJS.ErrnoException) => done(code === 'EAGAIN'))
  })

/** Removes what a process that was killed left here; what another one still uses stays. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    const left = join(folder, name)
    if (!(await isAnswered(socketIn(left)))) rmSync(left, { recursive: true, force: true })
  }
}
