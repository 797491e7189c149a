/** A small model of Git: commits with parents and whole trees, ancestry, and a merge path by path. */
import { createHash } from 'node:crypto'
import type { Sha } from '#core/words.ts'

export type Files = ReadonlyMap<string, string>

export interface Commit {
  readonly id: Sha
  readonly parents: readonly Sha[]
  readonly files: Files
  /** Id of the whole tree, and of the tree without `docs/tasks/`. */
  readonly tree: Sha
  readonly content: Sha
  readonly by: string
  readonly message: string
  readonly depth: number
  /** Made by a merge without conflict and without anybody's hand in it. */
  readonly isCleanMerge: boolean
}

export interface Git {
  commit(
    parents: readonly Sha[],
    files: Files,
    by: string,
    message: string,
    how?: { readonly isCleanMerge: boolean },
  ): Commit
  /** Throws where there is no such commit. */
  get(id: Sha): Commit
  isAncestor(ancestor: Sha, descendant: Sha): boolean
  mergeBase(a: Sha, b: Sha): Sha | null
  countBetween(from: Sha, to: Sha): number
  changedPaths(from: Sha, to: Sha): readonly string[]
  /** The files of both sides, or the paths both changed differently. */
  mergeFiles(ours: Sha, theirs: Sha): { readonly files: Files } | { readonly conflicts: readonly string[] }
}

const TASK_DOCUMENTS = 'docs/tasks/'

export const idOf = (text: string): Sha => createHash('sha1').update(text).digest('hex')

export function treeIdOf(files: Files, without = ''): Sha {
  const paths = [...files.keys()].filter((path) => without === '' || !path.startsWith(without)).sort()
  return idOf(paths.map((path) => `${path}\0${files.get(path)}`).join('\0\0'))
}

export function createGit(): Git {
  const commits = new Map<Sha, Commit>()
  const above = new Map<Sha, ReadonlySet<Sha>>()

  const get = (id: Sha): Commit => {
    const commit = commits.get(id)
    if (commit === undefined) throw new Error(`there is no commit ${id}`)
    return commit
  }
  /** The commit and everything reachable from it. */
  const reach = (id: Sha): ReadonlySet<Sha> => {
    const known = above.get(id)
    if (known !== undefined) return known
    const found = new Set<Sha>([id])
    for (const parent of get(id).parents) for (const one of reach(parent)) found.add(one)
    above.set(id, found)
    return found
  }
  const mergeBase = (a: Sha, b: Sha): Sha | null => {
    const ofA = reach(a)
    let best: Commit | null = null
    for (const id of reach(b)) {
      if (!ofA.has(id)) continue
      const commit = get(id)
      if (best === null || commit.depth > best.depth || (commit.depth === best.depth && commit.id > best.id))
        best = commit
    }
    return best?.id ?? null
  }
  return {
    get,
    mergeBase,
    commit(parents, files, by, message, how = { isCleanMerge: false }) {
      const tree = treeIdOf(files)
      const commit: Commit = {
        id: idOf(`${commits.size} ${parents.join(' ')} ${tree} ${by} ${message}`),
        parents,
        files,
        tree,
        content: treeIdOf(files, TASK_DOCUMENTS),
        by,
        message,
        depth: 1 + Math.max(0, ...parents.map((parent) => get(parent).depth)),
        ...how,
      }
      commits.set(commit.id, commit)
      return commit
    },
    isAncestor: (ancestor, descendant) => reach(descendant).has(get(ancestor).id),
    countBetween(from, to) {
      const old = reach(from)
      return [...reach(to)].filter((id) => !old.has(id)).length
    },
    changedPaths(from, to) {
      const [a, b] = [get(from).files, get(to).files]
      const paths = new Set([...a.keys(), ...b.keys()])
      return [...paths].filter((path) => a.get(path) !== b.get(path)).sort()
    },
    mergeFiles(ours, theirs) {
      const fork = mergeBase(ours, theirs)
      const base: Files = fork === null ? new Map() : get(fork).files
      const [a, b] = [get(ours).files, get(theirs).files]
      const files = new Map<string, string>()
      const conflicts: string[] = []
      for (const path of new Set([...a.keys(), ...b.keys()])) {
        const [mine, other, before] = [a.get(path), b.get(path), base.get(path)]
        const merged = mine === other || before === other ? mine : before === mine ? other : null
        if (merged === null) conflicts.push(path)
        else if (merged !== undefined) files.set(path, merged)
      }
      return conflicts.length > 0 ? { conflicts: conflicts.sort() } : { files }
    },
  }
}

/** What the repository's own check command would say of a tree, and whether it would leave the tree alone. */
export function checkOf(files: Files): { readonly exit: 0 | 1; readonly litters: boolean } {
  const isTorn = [...files.keys()].some((path) => path.endsWith('/left') && files.has(path.replace(/left$/, 'right')))
  return { exit: files.has('broken') || isTorn ? 1 : 0, litters: files.has('litters') }
}

export const passesCheck = (files: Files): boolean => {
  const { exit, litters } = checkOf(files)
  return exit === 0 && !litters
}
