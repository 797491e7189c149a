import { copyFile, realpath, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UserError } from '../../core/errors.ts'
import { complaint, type Git } from './git.ts'

const FETCH_TIMEOUT_MS = 30 * 60_000

/** A repository of a person's that ours is made from. It is only ever read, and nothing that lies in it is run. */
export interface Source {
  readonly path: string
  readonly base: string
  readonly objectFormat: string
  /** null for a bare one, which has no work tree. */
  readonly workTree: { readonly index: string; readonly objects: string; readonly exclude: string } | null
}

/**
 * Looks at the repository at `path`. @param base the wanted branch; null for the one that is checked out.
 * @throws {UserError} one sentence where it cannot be taken over.
 */
export const openSource = async (git: Git, path: string, base: string | null): Promise<Source> => {
  const place = await realpath(path).catch(() => null)
  if (place === null || !(await stat(place)).isDirectory()) {
    throw new UserError(`There is no folder "${path}": give the path of a Git repository with at least one commit.`)
  }
  // Without the ceiling a plain folder inside somebody's repository would pass for that repository.
  const look = (args: readonly string[]) =>
    git(['-C', place, ...args], { env: { GIT_CEILING_DIRECTORIES: dirname(place) } })
  const facts = await look([
    'rev-parse',
    '--path-format=absolute',
    '--is-bare-repository',
    '--is-shallow-repository',
    '--show-object-format',
    '--git-path',
    'index',
    '--git-path',
    'objects',
    '--git-path',
    'info/exclude',
  ])
  if (/dubious ownership/.test(facts.err)) {
    throw new UserError(`"${path}" belongs to another user: start Orch as that user, or give a copy of your own.`)
  }
  if (facts.code !== 0) {
    throw new UserError(
      `"${path}" is not a Git repository: run \`git init\` and make a first commit there, or give another path.`,
    )
  }
  const [bare, shallow, objectFormat = 'sha1', index = '', objects = '', exclude = ''] = facts.out.split('\n')
  if (shallow === 'true') {
    throw new UserError(`"${path}" holds only a part of its history: run \`git fetch --unshallow\` there first.`)
  }
  const branches = (await look(['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads'])).out
    .split('\n')
    .filter((name) => name !== '')
  const current = (await look(['symbolic-ref', '--quiet', '--short', 'HEAD'])).out.trim()
  const wanted = base ?? (current || branches[0] || 'main')
  if (!branches.includes(wanted)) {
    if ((await look(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])).code !== 0 && branches.length === 0) {
      throw new UserError(`"${path}" has no commit yet: make a first commit there.`)
    }
    const some = branches.slice(0, 5).map((name) => `"${name}"`)
    throw new UserError(
      some.length === 0
        ? `"${path}" has commits but no branch "${wanted}": create it there with \`git branch\`.`
        : `"${path}" has no branch "${wanted}" with a commit on it: create it there, or name one of its own (${some.join(', ')}).`,
    )
  }
  return { path: place, base: wanted, objectFormat, workTree: bare === 'true' ? null : { index, objects, exclude } }
}

/**
 * Whether the work tree holds anything that is in no commit. In doubt it does: it only leads to a remark. Seen through
 * the configuration of `bare`, because that of the source may name programs (filters, monitors) that Git would start.
 */
export const isDirty = async (git: Git, bare: string, source: Source): Promise<boolean> => {
  if (source.workTree === null) return false
  const { index, objects, exclude } = source.workTree
  const head = (await git(['-C', source.path, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])).out.trim()
  const copy = join(bare, 'index-of-source')
  try {
    await copyFile(index, copy)
    // Git knows by the index's own time, in seconds, which files may have changed after they were added, and reads them.
    const writtenS = Math.floor((await stat(index)).mtimeMs / 1000)
    await utimes(copy, writtenS, writtenS)
    const env = { GIT_INDEX_FILE: copy, GIT_ALTERNATE_OBJECT_DIRECTORIES: objects }
    const here = ['--git-dir', bare, '--work-tree', source.path]
    const look = (args: readonly string[]) => git(['-C', source.path, ...here, ...args], { env })
    await look(['update-index', '-q', '--refresh'])
    const tracked = await look(['diff-index', '--quiet', '--ignore-submodules=all', head, '--'])
    if (tracked.code !== 0) return true
    const excluded = (await stat(exclude).catch(() => null)) ? [`--exclude-from=${exclude}`] : []
    // Orch's own configuration, which `orch init` has just written, is no work of anybody's.
    const own = '--exclude=/orch.config.yaml'
    const folders = ['--directory', '--no-empty-directory']
    const others = await look(['ls-files', '--others', ...folders, '--exclude-standard', own, ...excluded])
    return others.code !== 0 || others.out !== ''
  } catch {
    return true
  } finally {
    await rm(copy, { force: true })
  }
}

/** Fetches the base branch into `bare`, its objects copied, nothing shared with the source. @throws {UserError} */
export const fetchBase = async (git: Git, bare: string, source: Source): Promise<void> => {
  const ref = `refs/heads/${source.base}`
  const quiet = ['--quiet', '--no-tags', '--no-auto-maintenance', '--no-write-fetch-head']
  const answer = await git(['--git-dir', bare, 'fetch', ...quiet, '--', source.path, `${ref}:${ref}`], {
    env: { GIT_COMMITTER_NAME: 'Orch', GIT_COMMITTER_EMAIL: 'orch@local.invalid' },
    timeoutMs: FETCH_TIMEOUT_MS,
  })
  if (answer.code !== 0) {
    throw new UserError(
      `The branch "${source.base}" of "${source.path}" could not be read (${complaint(answer)}): check that repository with \`git fsck\`.`,
    )
  }
}
