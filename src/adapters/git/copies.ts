/** Orch's bare copies on the disk: where they lie, how they begin, how they stay tidy. */
import { access, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sha } from '../../core/words.ts'
import { failed, type Git, type GitAnswer, type GitOptions } from './git.ts'

/** Names in a copy's folder that are ours, not git's. */
const SCRATCH = 'orch-scratch-'
/** Every fetch and every run leaves a pack; git slows down with their number. */
const PACKS_MAX = 50

/** `owner/name` becomes one folder name, without collisions. */
export const copyPath = (dir: string, repo: string): string => join(dir, `${encodeURIComponent(repo)}.git`)

/** A full object id. Everything else could be read by git as something other than a commit. */
export const checkSha = (sha: Sha): Sha => {
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(sha)) throw new Error(`${JSON.stringify(sha)} is no full object id`)
  return sha
}

/** One repository's copy. */
export interface Copy {
  readonly path: string
  run(args: readonly string[], options?: GitOptions): Promise<GitAnswer>
  text(args: readonly string[], options?: GitOptions): Promise<string>
  /** Exit codes 0 and 1 as yes and no. */
  ask(args: readonly string[]): Promise<boolean>
  /** The commit that a ref names, exactly as it is written. */
  ref(name: string): Promise<Sha | null>
  has(sha: Sha): Promise<boolean>
  /** Work in a folder of its own that is gone afterwards. */
  scratch<T>(work: (dir: string) => Promise<T>): Promise<T>
}

export const openCopy = (git: Git, path: string): Copy => {
  const here = (args: readonly string[]) => [`--git-dir=${path}`, ...args]
  const run: Copy['run'] = (args, options) => git.run(here(args), options)
  return {
    path,
    run,
    text: (args, options) => git.text(here(args), options),
    async ask(args) {
      const answer = await run(args)
      if (answer.code > 1) throw failed(args, answer)
      return answer.code === 0
    },
    async ref(name) {
      const answer = await run(['show-ref', '--verify', '--hash', '--', name])
      return answer.code === 0 ? answer.out.toString('utf8').trim() : null
    },
    has: async (sha) => (await run(['cat-file', '-e', `${checkSha(sha)}^{commit}`])).code === 0,
    async scratch(work) {
      const dir = await mkdtemp(join(path, SCRATCH))
      try {
        return await work(dir)
      } finally {
        await rm(dir, { recursive: true, force: true })
      }
    },
  }
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Makes an empty copy as a whole or not at all. A half-made one of an earlier crash is never mistaken for a copy. */
export const initCopy = async (git: Git, path: string, objectFormat: 'sha1' | 'sha256'): Promise<void> => {
  const parent = join(path, '..')
  await mkdir(parent, { recursive: true })
  const dir = await mkdtemp(join(parent, '.new-'))
  try {
    await git.text(['init', '--quiet', '--bare', '--template=', `--object-format=${objectFormat}`, '--', dir])
    await rename(dir, path)
  } catch (thrown) {
    // Somebody else, with the same folder, was faster: theirs is as good.
    if (!(await exists(join(path, 'HEAD')))) throw thrown
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Removes what a killed Orch was in the middle of: everything of ours, and git's unfinished packs, older than `before`. */
export const sweepCopy = async (path: string, before: number): Promise<void> => {
  const packs = join(path, 'objects', 'pack')
  for (const [dir, isLeftover] of [
    [join(path, '..'), /^\.new-/],
    [path, new RegExp(`^${SCRATCH}`)],
    [packs, /^(\.?tmp[-_]|\.tmp-)/],
  ] as const) {
    for (const name of await readdir(dir).catch((): string[] => [])) {
      const entry = isLeftover.test(name) ? await stat(join(dir, name)).catch(() => null) : null
      if (entry !== null && entry.mtimeMs < before) await rm(join(dir, name), { recursive: true, force: true })
    }
  }
}

/** Joins packs when there are many. No object is ever dropped: workspaces borrow them without our refs knowing. */
export const tidyCopy = async (copy: Copy): Promise<void> => {
  const names = await readdir(join(copy.path, 'objects', 'pack'))
  if (names.filter((name) => name.endsWith('.pack')).length > PACKS_MAX)
    await copy.text(['repack', '--geometric=2', '-d', '-n', '--quiet'])
}
