/** The port `Repositories`: one bare copy per repository, changed by plumbing alone. */
import { join } from 'node:path'
import type { Processes } from '../../engine/ports/processes.ts'
import type { Repositories } from '../../engine/ports/repositories.ts'
import { type Copy, checkSha, copyPath, exists, initCopy, openCopy, sweepCopy, tidyCopy } from './copies.ts'
import { createExclusive } from './exclusive.ts'
import { createGit } from './git.ts'
import * as history from './history.ts'
import { inspect } from './inspect.ts'
import { fetchAll, pushBranch, remoteFormat, remoteOptions } from './remote.ts'
import * as trees from './trees.ts'

export interface RepositoriesOptions {
  readonly processes: Processes
  /** Where the copies lie; made when needed. */
  readonly dir: string
  /** PATH, and for the way to the forge proxies and certificates. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** When this process began, milliseconds since the epoch: what is older in a copy and unfinished was left by a crash. */
  readonly startedAt?: number
}

/** Refs that Orch keeps beside the remote's branches; a fetch never touches them. */
const checkRef = (ref: string): string => {
  if (!/^refs\/orch\/[^\s~^:?*[\\]+$/.test(ref)) throw new Error(`${ref} is no ref under refs/orch/`)
  return ref
}

/** Throws UserError for what a person can mend, TransientError for what may pass by itself. */
export const createRepositories = (options: RepositoriesOptions): Repositories => {
  const { processes, dir, env, startedAt = performance.timeOrigin } = options
  const git = createGit(processes, env, startedAt)
  const oneByOne = createExclusive()
  const swept = new Set<string>()
  const open = (repo: string): Copy => openCopy(git, copyPath(dir, repo))

  return {
    fetch: (repo, remote, base) =>
      oneByOne(repo, async () => {
        const copy = open(repo)
        const via = remoteOptions(env, remote)
        if (!swept.has(repo)) await sweepCopy(copy.path, startedAt)
        swept.add(repo)
        if (!(await exists(join(copy.path, 'HEAD'))))
          await initCopy(git, copy.path, await remoteFormat(git, repo, remote, via))
        const sha = await fetchAll(copy, repo, remote, base, via)
        await tidyCopy(copy)
        return sha
      }),
    fetched: (repo, branch) => open(repo).ref(`refs/heads/${branch}`),
    isAncestor: (repo, ancestor, descendant) => history.isAncestor(open(repo), ancestor, descendant),
    countBetween: async (repo, from, to) =>
      Number(await open(repo).text(['rev-list', '--count', `${checkSha(from)}..${checkSha(to)}`])),
    changedPaths: (repo, from, to) => history.changedPaths(open(repo), from, to),
    diffDigest: (repo, from, to, paths) => history.diffDigest(open(repo), from, to, paths),
    inspect: (repo, given, head, limits, known) => inspect(open(repo), given, head, limits, known),
    mergeBase: (repo, a, b) => history.mergeBase(open(repo), a, b),
    tree: (repo, sha) => trees.treeOf(open(repo), sha),
    treeWithout: (repo, sha, folder) => trees.treeWithout(open(repo), sha, folder),
    readFile: (repo, sha, path) => trees.readFile(open(repo), sha, path),
    writeFile: (repo, parent, path, content, by, message) =>
      trees.writeFile(open(repo), parent, path, content, by, message),
    merge: (repo, ours, theirs, by, message) => history.merge(open(repo), ours, theirs, by, message),
    findMerge: (repo, since, base, head) => history.findMerge(open(repo), since, base, head),
    keep: async (repo, ref, sha) => void (await open(repo).text(['update-ref', '--', checkRef(ref), checkSha(sha)])),
    forget: async (repo, ref) => void (await open(repo).text(['update-ref', '-d', '--', checkRef(ref)])),
    async push(repo, remote, branch, sha, expected) {
      const copy = open(repo)
      const isForward = expected === null || (await history.isAncestor(copy, expected, sha))
      return pushBranch(copy, repo, remote, branch, { sha, expected, isForward }, remoteOptions(env, remote))
    },
  }
}
