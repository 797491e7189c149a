/** Orch's own copy of each repository, and the private checkouts, as ports over the model of Git. */
import type { Sha } from '#core/words.ts'
import type { Repositories, Workspaces } from '#engine/ports/repositories.ts'
import { ORCH } from './forge-world.ts'
import { idOf, treeIdOf } from './git.ts'
import type { Outside } from './outside.ts'
import type { Listener, Worlds } from './ports.ts'

/** Agents of the simulation plant nothing; what is planted is the business of the real Git's tests. */
const CLEAN = {
  commits: 1,
  files: 0,
  bytes: 0,
  largest: null,
  links: [],
  submodules: [],
  secrets: [],
  isPartial: false,
}

export function repositoriesPort(
  { git, forge, checkouts }: Worlds,
  outside: Outside,
  listener: Listener,
): Repositories {
  const { local, read, write } = outside
  const fetched = new Map<string, ReadonlyMap<string, Sha>>()
  return {
    fetch: (repo, _, base) =>
      read('git.fetch', () => {
        fetched.set(repo, new Map(forge.branches(repo).map((branch) => [branch, forge.tip(repo, branch) as Sha])))
        return forge.tip(repo, base) as Sha
      }),
    fetched: (repo, branch) => local('git.fetched', () => fetched.get(repo)?.get(branch) ?? null),
    isAncestor: (_, ancestor, descendant) => local('git.isAncestor', () => git.isAncestor(ancestor, descendant)),
    countBetween: (_, from, to) => local('git.count', () => git.countBetween(from, to)),
    changedPaths: (_, from, to) => local('git.changedPaths', () => git.changedPaths(from, to)),
    inspect: () => local('git.inspect', () => CLEAN),
    diffDigest: (_, from, to, paths) =>
      local('git.diffDigest', () => {
        const files = git.get(to).files
        return idOf((paths ?? git.changedPaths(from, to)).map((path) => `${path}\0${files.get(path)}`).join('\0'))
      }),
    mergeBase: (_, a, b) => local('git.mergeBase', () => git.mergeBase(a, b)),
    tree: (_, sha) => local('git.tree', () => git.get(sha).tree),
    treeWithout: (_, sha, folder) => local('git.treeWithout', () => treeIdOf(git.get(sha).files, `${folder}/`)),
    readFile: (_, sha, path) => local('git.readFile', () => git.get(sha).files.get(path) ?? null),
    writeFile: (_, parent, path, content, by, message) =>
      local('git.writeFile', () => {
        const { files } = git.get(parent)
        if (files.get(path) === content) return parent
        return git.commit([parent], new Map([...files, [path, content]]), by.name, message).id
      }),
    merge: (_, ours, theirs, by, message) =>
      local('git.merge', () => {
        if (git.isAncestor(theirs, ours)) return { is: 'merged', sha: ours } as const
        const merged = git.mergeFiles(ours, theirs)
        if ('conflicts' in merged) return { is: 'conflict', paths: merged.conflicts } as const
        const made = git.commit([ours, theirs], merged.files, by.name, message, { isCleanMerge: true })
        return { is: 'merged', sha: made.id } as const
      }),
    findMerge: (_, since, base, head) =>
      local('git.findMerge', () => {
        for (let at: Sha | null = base; at !== null; at = git.get(at).parents[0] ?? null) {
          if (git.get(at).parents[1] === head) return at
          if (at === since) return null
        }
        return null
      }),
    keep: (repo, ref, sha) => local(`git.keep ${ref}`, () => checkouts.keep(repo, ref, sha)),
    forget: (repo, ref) => local('git.forget', () => checkouts.forget(repo, ref)),
    async push(repo, _, branch, sha, expected) {
      listener.onOutsideWrite('push', branch)
      return write(`git.push ${branch} ${sha.slice(0, 7)}`, (isLate) =>
        forge.push(repo, branch, sha, expected, ORCH, isLate),
      )
    },
  }
}

export function workspacesPort({ checkouts }: Worlds, { local }: Outside): Workspaces {
  const labelOf = (dir: string) => dir.slice('/ws/'.length)
  return {
    create: ({ label, repo, sha }) =>
      local(`workspace.create ${label}`, () => {
        checkouts.create(label, repo, sha)
        const [dir, home, tmp] = [`/ws/${label}`, `/home/${label}`, `/tmp/${label}`]
        return { dir, home, tmp, given: sha, sandbox: { is: 'off' } as const }
      }),
    collect: (_, workspace, branch, message, by) =>
      local(`workspace.collect ${branch}`, () => {
        const checkout = checkouts.find(labelOf(workspace.dir))
        const refused = (code: 'workspace-gone' | 'history-rewritten', sentence: string) =>
          ({ is: 'refused', code, sentence }) as const
        if (checkout === null) return refused('workspace-gone', 'the checkout is gone')
        if (checkout.isSpoilt) return refused('history-rewritten', 'the agent rewrote history')
        return { is: 'collected', head: checkouts.collect(checkout, by.name, message) } as const
      }),
    isUntouched: (workspace) =>
      local('workspace.isUntouched', () => checkouts.find(labelOf(workspace.dir))?.isTouched === false),
    remove: (label) => local(`workspace.remove ${label}`, () => void checkouts.remove(label)),
    list: () => local('workspace.list', () => checkouts.list()),
  }
}
