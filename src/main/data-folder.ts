/** Where things lie in Orch's data folder, and the small files that the CLI reads. */
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '#core/errors.ts'

export interface DataFolder {
  readonly root: string
  readonly postgres: string
  readonly forge: string
  readonly repositories: string
  readonly workspaces: string
  readonly runs: string
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
  tmp: join(root, 'tmp'),
  token: join(root, 'token'),
  server: join(root, 'server.json'),
})

/** Makes the folders. Throws UserError where they cannot be made. */
export async function prepareDataFolder(folder: DataFolder): Promise<void> {
  try {
    await mkdir(folder.root, { recursive: true, mode: 0o700 })
    await chmod(folder.root, 0o700)
    for (const dir of [folder.forge, folder.repositories, folder.workspaces, folder.tmp])
      await mkdir(dir, { recursive: true, mode: 0o700 })
    await mkdir(folder.runs, { recursive: true })
  } catch (thrown) {
    throw new UserError(
      `Orch cannot keep its data in ${folder.root} (${codeOf(thrown)}); choose another folder with data_dir, or make this one writable.`,
    )
  }
}

const codeOf = (thrown: unknown): string => {
  const code = (thrown as { code?: unknown }).code
  const words: Record<string, string> = {
    EACCES: 'no permission',
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
