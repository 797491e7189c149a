import { access, chmod, constants, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UserError } from '../../core/errors.ts'
import type { Millis } from '../../core/words.ts'
import type { Author } from '../../engine/ports/repositories.ts'
import { signatureOf } from './bare.ts'
import { type Git, gitOutput } from './git.ts'
import { fetchBase, isDirty, openSource } from './source.ts'

const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

/**
 * The folder of a repository, `<dir>/<repo>.git`. A name is one or two segments, `shop` or `acme/shop`.
 * @throws {UserError} for a name that could lead elsewhere.
 */
export const folderOf = (dir: string, repo: string): string => {
  const segments = repo.split('/')
  if (segments.length > 2 || segments.some((segment) => !SEGMENT.test(segment) || /\.git(\.|$)/.test(segment))) {
    throw new UserError(
      `"${repo}" is no name for a repository of the local forge: take letters, digits, ".", "_" and "-", as in "shop" or "acme/shop".`,
    )
  }
  return `${join(dir, ...segments)}.git`
}

/**
 * Runs in the repository for every branch that anybody pushes. It reads the base from the repository itself and refuses
 * where it cannot; upper and lower case are one, because on some file systems they are one branch.
 */
const UPDATE_HOOK = `#!/bin/sh
# Written by Orch; put back whenever it is changed.
IFS= read -r head < "\${GIT_DIR:-.}/HEAD" || head=
base=\${head#ref: refs/heads/}
lower() { printf '%s' "$1" | LC_ALL=C tr '[:upper:]' '[:lower:]'; }
if [ -z "$base" ] || [ "$base" = "$head" ]; then
  echo 'The base branch of this repository cannot be read, so nothing can be pushed: its file HEAD must name it.' >&2
  exit 1
fi
ref=refs/heads/$base
if [ \${#1} -eq \${#ref} ] && [ "$(lower "$1")" = "$(lower "$ref")" ]; then
  echo "The base branch \\"$base\\" is moved by merging pull requests alone: push a branch of its own and open one." >&2
  exit 1
fi
`

const SETTINGS = {
  // Says who moved a branch, and where it was before.
  'core.logAllRefUpdates': 'always',
  // Named here, so that no one's own configuration puts other hooks in the place of ours.
  'core.hooksPath': 'hooks',
  // A tidying-up that outlives the push that started it would work on a folder that may be gone.
  'gc.autoDetach': 'false',
}

/** Sets up protection and settings; also of a repository that was made before, in case somebody changed them. */
export const equip = async (git: Git, bare: string): Promise<void> => {
  for (const [name, value] of Object.entries(SETTINGS)) {
    await gitOutput(git, ['--git-dir', bare, 'config', '--local', '--replace-all', name, value])
  }
  const hook = join(bare, 'hooks', 'update')
  await mkdir(dirname(hook), { recursive: true })
  // Replaced in one step: a push may be about to run it.
  await writeFile(`${hook}.new`, UPDATE_HOOK)
  await chmod(`${hook}.new`, 0o755)
  await rename(`${hook}.new`, hook)
  await access(hook, constants.X_OK).catch(() => {
    throw new UserError(
      `Programs in "${bare}" cannot be run, and the base branch could not be protected: choose a folder for repositories that is not mounted "noexec".`,
    )
  })
}

/** The base of a repository that exists, from the repository itself. */
export const baseOf = async (git: Git, bare: string): Promise<string> =>
  (await gitOutput(git, ['--git-dir', bare, 'symbolic-ref', 'HEAD'])).replace(/^refs\/heads\//, '')

export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

const initialise = async (git: Git, bare: string, base: string, objectFormat: string): Promise<void> => {
  if ((await git(['check-ref-format', `refs/heads/${base}`])).code !== 0) {
    throw new UserError(`"${base}" cannot be the name of a branch: choose another base branch.`)
  }
  const options = ['--bare', '--quiet', '--template=', `--object-format=${objectFormat}`, `--initial-branch=${base}`]
  await gitOutput(git, ['init', ...options, '--', bare])
  await equip(git, bare)
}

/**
 * Makes a whole repository in a folder beside its place; the caller moves it there, or removes it.
 * @throws {UserError} where `from` cannot be taken over.
 */
export const prepareRepository = async (
  git: Git,
  target: string,
  plan: {
    readonly from: string | null
    readonly base: string | null
    readonly bot: Author
    readonly at: Millis
  },
): Promise<{ folder: string; base: string; dirty: boolean }> => {
  const source = plan.from === null ? null : await openSource(git, plan.from, plan.base)
  await mkdir(dirname(target), { recursive: true })
  const folder = await mkdtemp(`${target}.new-`)
  try {
    const base = source?.base ?? plan.base ?? 'main'
    await initialise(git, folder, base, source?.objectFormat ?? 'sha1')
    if (source) {
      await fetchBase(git, folder, source)
      return { folder, base, dirty: await isDirty(git, folder, source) }
    }
    const here = ['--git-dir', folder]
    const env = signatureOf(plan.bot, plan.at)
    const tree = await gitOutput(git, [...here, 'mktree'])
    const commit = await gitOutput(git, [...here, 'commit-tree', tree, '-m', 'Begin the repository'], { env })
    await gitOutput(git, [...here, 'update-ref', '-m', 'begun', `refs/heads/${base}`, commit, ''], { env })
    return { folder, base, dirty: false }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** Removes what dead attempts to make this repository left beside its place. */
export const removeAttempts = async (target: string): Promise<void> => {
  for (const entry of await readdir(dirname(target))) {
    const path = join(dirname(target), entry)
    if (path.startsWith(`${target}.new-`)) await rm(path, { recursive: true, force: true })
  }
}
