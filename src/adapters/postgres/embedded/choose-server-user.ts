import { execFile } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'
import { UserError } from '../../../core/errors.ts'
import { type Binaries, binariesFor } from './binaries.ts'
import { closeDataFolder, databaseOwner } from './data-folder.ts'
import { OWN_SERVER, startFailure } from './sentences.ts'
import { type Ids, parseAccounts, possibleServerUsers, type ServerUser } from './server-user.ts'

const findAccounts = () => (existsSync('/etc/passwd') ? parseAccounts(readFileSync('/etc/passwd', 'utf8')) : [])

const isKnownUser = (): boolean => {
  try {
    return userInfo().uid >= 0
  } catch {
    return false
  }
}

const run = promisify(execFile)
const PROBE_MS = 10_000

/** Whether `user` gets to `folder`, past every folder above it. */
const reaches = async (user: ServerUser, folder: string, env: Record<string, string>): Promise<boolean> => {
  const [program = '', ...args] = [...user.prefix, '/bin/sh', '-c', 'cd -- "$1"', 'sh', folder]
  try {
    await run(program, args, { cwd: '/', env, timeout: PROBE_MS, ...user.ids })
    return true
  } catch {
    return false // closed to that user, or there is no way to become that user
  }
}

/**
 * Tries the ways to run the server on this machine, the best first, and closes the data folder to everybody else.
 * @returns the user and the binaries as that user can run them.
 * @throws {UserError} when there is no way.
 */
export const chooseServerUser = async (
  folder: string,
  me: Ids,
  found: Binaries,
  env: Record<string, string>,
): Promise<{ user: ServerUser; binaries: Binaries }> => {
  const candidates = possibleServerUsers({
    me,
    accounts: findAccounts(),
    known: isKnownUser(),
    folderOwner: statSync(folder),
    databaseOwner: databaseOwner(folder),
  })
  for (const user of candidates) {
    closeDataFolder(folder, user)
    if (!(await reaches(user, folder, env))) continue
    const binaries = await binariesFor(user, found, folder, env)
    if (binaries) return { user, binaries }
  }
  if (me.uid !== 0) throw startFailure('EACCES', folder)
  throw new UserError(
    `PostgreSQL cannot run as root, and no other user gets to "${folder}" here: choose a data folder that others may pass to (/var/lib/orch), start Orch as an ordinary user, or ${OWN_SERVER}.`,
  )
}
