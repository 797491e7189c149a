/** Where things lie in Orch's data folder, and the small files that the CLI reads. */
import { randomBytes } from 'node:crypto'
import { access, chmod, constants, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UserError } from '#core/errors.ts'

export interface DataFolder {
  readonly root: string
  readonly postgres: string
  readonly forge: string
  readonly repositories: string
  readonly workspaces: string
  readonly runs: string
  /** Sockets through which runs reach their models. */
  readonly gateway: string
  /** Conversations that wait for an answer. */
  readonly sessions: string
  readonly tmp: string
  readonly token: string
  readonly server: string
}

export const dataFolder = (root: string, runsDir?: string): DataFolder => ({
  root,
  postgres: join(root, 'postgres'),
  forge: join(root, 'forge'),
  repositories: join(root, 'repositories'),
  workspaces: join(root, 'workspaces'),
  runs: runsDir ?? join(root, 'runs'),
  gateway: join(root, 'gateway'),
  sessions: join(root, 'sessions'),
  tmp: join(root, 'tmp'),
  token: join(root, 'token'),
  server: join(root, 'server.json'),
})

/**
 * Makes the folders. @param setting what a person chooses the folder with.
 * @throws {UserError} where they cannot be made.
 */
export async function prepareDataFolder(folder: DataFolder, setting = 'data_dir (ORCH_DATA_DIR)'): Promise<void> {
  await orSay(folder.root, setting, async () => {
    await makeFolder(folder.root)
    await chmod(folder.root, 0o700)
    await hideFromGit(folder.root)
    for (const dir of [folder.forge, folder.repositories, folder.workspaces, folder.tmp]) await makeFolder(dir)
  })
  const ownRuns = folder.runs.startsWith(`${folder.root}/`)
  await orSay(folder.runs, ownRuns ? setting : 'runs_dir (ORCH_RUNS_DIR)', async () => {
    await makeFolder(folder.runs)
    await access(folder.runs, constants.W_OK | constants.X_OK)
  })
}

/** Makes a folder for the demo's own repository. @throws {UserError} */
export const prepareDemoFolder = (root: string): Promise<void> =>
  orSay(root, '--data', async () => {
    await makeFolder(root)
    await hideFromGit(root)
  })

async function orSay(dir: string, setting: string, make: () => Promise<void>): Promise<void> {
  try {
    await make()
  } catch (thrown) {
    throw new UserError(
      `Orch cannot keep its data in ${dir} (${codeOf(thrown)}); choose another folder with ${setting}, or put this one right.`,
    )
  }
}

/** One level after the other: Node's own way to make several tries for ever where a file system says "no such folder". */
async function makeFolder(dir: string): Promise<void> {
  const known = await stat(dir).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== 'ENOENT') throw thrown
    return null
  })
  if (known?.isDirectory()) return
  if (known !== null) throw Object.assign(new Error('a file is in the way'), { code: 'EEXIST' })
  if (dirname(dir) !== dir) await makeFolder(dirname(dir))
  await mkdir(dir, { mode: 0o700 }).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== 'EEXIST') throw thrown
  })
}

/** What lies here, a token among it, belongs in no commit of the repository around it. */
async function hideFromGit(root: string): Promise<void> {
  const path = join(root, '.gitignore')
  const known = await readFile(path, 'utf8').catch(() => '')
  if (known === '') await writeFile(path, '*\n')
}

const codeOf = (thrown: unknown): string => {
  const code = (thrown as { code?: unknown }).code
  const words: Record<string, string> = {
    EACCES: 'this user may not write there',
    EPERM: 'it belongs to another user',
    ENOENT: 'no folder can be made there',
    EDQUOT: 'the disk quota is used up',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    ENOTDIR: 'a part of the path is a file',
    EEXIST: 'a file is in the way',
  }
  return typeof code === 'string' ? (words[code] ?? code) : String(thrown)
}

/** The token that writing needs; made at the first start, readable by its owner alone. */
export async function ensureToken(path: string): Promise<string> {
  const known = await readFile(path, 'utf8').catch(() => '')
  if (/^[A-Za-z0-9_-]{32,}$/.test(known.trim())) {
    await chmod(path, 0o600)
    return known.trim()
  }
  const token = randomBytes(32).toString('base64url')
  await writeAtomically(path, `${token}\n`)
  return token
}

/** Tells the CLI where the server listens. */
export const announceServer = (path: string, url: string, pid: number): Promise<void> =>
  writeAtomically(path, `${JSON.stringify({ url, pid })}\n`)
export const withdrawServer = (path: string): Promise<void> => rm(path, { force: true })

async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    await writeFile(temporary, text, { mode: 0o600 })
    await rename(temporary, path)
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => {})
    throw new UserError(
      `${path} could not be written (${codeOf(thrown)}); make room or make the folder writable, and start again.`,
    )
  }
}
