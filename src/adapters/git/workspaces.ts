/** The port `Workspaces`: private clones that borrow the objects of Orch's copy and share nothing else with it. */
import { mkdir, readdir, realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sha } from '../../core/words.ts'
import type { Processes, Sandbox } from '../../engine/ports/processes.ts'
import type { Author, Workspace, Workspaces } from '../../engine/ports/repositories.ts'
import { collect } from './collect.ts'
import { type Copy, checkSha, copyPath, openCopy } from './copies.ts'
import { createGit, type Git } from './git.ts'
import { kindOf } from './import-pack.ts'
import { isLabel, type Layout, labelOf, layoutOf } from './layout.ts'
import { removeTree } from './remove-tree.ts'

export interface WorkspacesOptions {
  readonly processes: Processes
  /** The folder that was given to `createRepositories`. */
  readonly repositoriesDir: string
  /** Where the workspaces lie; made when needed. */
  readonly dir: string
  /** Folders that no agent may see. The other workspaces and the copies always are among them. */
  readonly hidden: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** As for `createRepositories`. */
  readonly startedAt?: number
}

/** The folders that a workspace in a sandbox lives with. */
const isolation = (layout: Layout, copy: Copy, options: WorkspacesOptions): Sandbox => ({
  is: 'on',
  writable: [layout.checkout, layout.home, layout.tmp],
  hidden: [...options.hidden, options.dir, options.repositoriesDir],
  readable: [join(copy.path, 'objects')],
})

const quoted = (value: string): string =>
  `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`

/** What the agent's own git shall know: who it is, and that this clone's objects are not its to collect. */
const configOf = (by: Author): string =>
  `[user]\n\tname = ${quoted(by.name)}\n\temail = ${quoted(by.email)}\n[gc]\n\tauto = 0\n`

const clone = async (git: Git, copy: Copy, layout: Layout, branch: string, sha: Sha, by: Author): Promise<void> => {
  const format = sha.length === 64 ? 'sha256' : 'sha1'
  await git.text([
    'init',
    '--quiet',
    '--template=',
    `--object-format=${format}`,
    `--initial-branch=${branch}`,
    '--',
    layout.checkout,
  ])
  const gitDir = join(layout.checkout, '.git')
  await writeFile(join(gitDir, 'objects', 'info', 'alternates'), `${join(copy.path, 'objects')}\n`)
  await writeFile(join(gitDir, 'config'), configOf(by), { flag: 'a' })
  const here = [`--git-dir=${gitDir}`, `--work-tree=${layout.checkout}`]
  const base = await copy.text(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])
  await git.text([...here, 'update-ref', 'refs/remotes/origin/base', base])
  // Made anew for each run, it need not survive a power cut: waiting for the disk would take most of the time.
  await git.text([...here, '-c', 'core.fsync=none', 'reset', '--quiet', '--hard', checkSha(sha), '--'])
}

/** Compares with the commit by an index of our own, so that nothing in the checkout's repository is believed or run. */
const isUntouched = async (copy: Copy, workspace: Workspace): Promise<boolean> =>
  (await kindOf(workspace.dir)) === 'folder' &&
  copy.scratch(async (dir) => {
    const env = { GIT_INDEX_FILE: join(dir, 'index') }
    await copy.text(['read-tree', checkSha(workspace.given)], { env })
    const tree = `--work-tree=${workspace.dir}`
    // Not `status`: it would also compare with HEAD, which is base here and not the commit that was given.
    const plain = ['--no-ext-diff', '--no-textconv', '--name-only', '--no-renames', '--ignore-submodules=all']
    const changed = await copy.text([tree, 'diff', ...plain, workspace.given, '--'], { env })
    const added = await copy.text([tree, 'ls-files', '--others', '--exclude-standard'], { env })
    return changed === '' && added === ''
  })

/** Throws UserError for what a person can mend, TransientError for what may pass by itself. */
export const createWorkspaces = (options: WorkspacesOptions): Workspaces => {
  const { processes, dir, repositoriesDir, env, startedAt = performance.timeOrigin } = options
  const git = createGit(processes, env, startedAt)
  const open = (repo: string): Copy => openCopy(git, copyPath(repositoriesDir, repo))
  // A workspace is told by its folder; whose objects it borrows is not in it, and the clone's own word is not believed.
  const repoOf = new Map<string, string>()
  const remove = async (label: string): Promise<void> => {
    await removeTree(processes, env, layoutOf(dir, label).root)
    repoOf.delete(label)
  }

  return {
    async create({ repo, label, branch, sha, by, sandbox }) {
      await remove(label)
      await mkdir(dir, { recursive: true, mode: 0o700 })
      // Links are resolved once: what Git writes down and what the sandbox shows must be the same name.
      const layout = layoutOf(await realpath(dir), label)
      const copy = openCopy(git, await realpath(open(repo).path))
      for (const folder of [layout.checkout, layout.home, layout.tmp])
        await mkdir(folder, { recursive: true, mode: 0o700 })
      await clone(git, copy, layout, branch, sha, by)
      repoOf.set(label, repo)
      return {
        dir: layout.checkout,
        home: layout.home,
        tmp: layout.tmp,
        given: sha,
        sandbox: sandbox === 'on' ? isolation(layout, copy, options) : { is: 'off' },
      }
    },
    collect: (repo, workspace, branch, message, by) =>
      collect({ processes, env, copy: open(repo) }, workspace, { branch, message, by }),
    async isUntouched(workspace) {
      const repo = repoOf.get(labelOf(workspace.dir))
      if (repo === undefined) throw new Error(`${workspace.dir} was not made by this process`)
      return isUntouched(open(repo), workspace)
    },
    remove,
    async list() {
      const entries = await readdir(dir, { withFileTypes: true }).catch(() => [])
      return entries
        .filter((entry) => entry.isDirectory() && isLabel(entry.name))
        .map((entry) => entry.name)
        .toSorted()
    },
  }
}
