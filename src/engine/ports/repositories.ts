/** Orch's own copy of each repository, and the private checkouts that agents work in. */
import type { Inspection, PublishLimits } from '#core/publish.ts'
import type { Sha } from '#core/words.ts'
import type { Remote } from './forge.ts'
import type { Sandbox } from './processes.ts'

export interface Author {
  readonly name: string
  readonly email: string
}

/** A bare copy that only Orch writes. Nothing that an agent could have planted is ever run in it. */
export interface Repositories {
  /** Fetches all branches afresh (pruned). Creates the copy at the first call. Returns base's commit. Throws UserError where base is unborn. */
  fetch(repo: string, remote: Remote, base: string): Promise<Sha>
  /** The commit a branch had at the last fetch. */
  fetched(repo: string, branch: string): Promise<Sha | null>
  isAncestor(repo: string, ancestor: Sha, descendant: Sha): Promise<boolean>
  /** Commits that are reachable from `to` and not from `from`. */
  countBetween(repo: string, from: Sha, to: Sha): Promise<number>
  /** Paths that differ between two commits' trees, sorted; renames count as both paths. */
  changedPaths(repo: string, from: Sha, to: Sha): Promise<readonly string[]>
  /** Digest of the difference from the merge base of `from` and `to` to `to`, restricted to `paths` where given. */
  diffDigest(repo: string, from: Sha, to: Sha, paths?: readonly string[]): Promise<string>
  /**
   * What the commits from `given` to `head` bring that no branch of the last fetch has. Every commit counts, not only the
   * last. `known` are secrets to be looked for beside those that tell by their format what they are.
   */
  inspect(repo: string, given: Sha, head: Sha, limits: PublishLimits, known: readonly string[]): Promise<Inspection>
  mergeBase(repo: string, a: Sha, b: Sha): Promise<Sha | null>
  tree(repo: string, sha: Sha): Promise<Sha>
  /** Id of the commit's tree with one folder left out, to compare content beside it. */
  treeWithout(repo: string, sha: Sha, folder: string): Promise<Sha>
  /** The file's text at a commit (at most 1 MiB, UTF-8), or null where it is absent, no file, or not text. */
  readFile(repo: string, sha: Sha, path: string): Promise<string | null>
  /** A commit on top of `parent` that writes one file; `parent` itself where nothing changes. */
  writeFile(repo: string, parent: Sha, path: string, content: string, by: Author, message: string): Promise<Sha>
  /** Merges without a checkout. `ours` itself where it contains `theirs`. */
  merge(
    repo: string,
    ours: Sha,
    theirs: Sha,
    by: Author,
    message: string,
  ): Promise<
    { readonly is: 'merged'; readonly sha: Sha } | { readonly is: 'conflict'; readonly paths: readonly string[] }
  >
  /** The merge commit in `base`'s first-parent line since `since` whose second parent is `head`; null where there is none. */
  findMerge(repo: string, since: Sha, base: Sha, head: Sha): Promise<Sha | null>
  /** Keeps a commit from being collected, under a ref of ours. */
  keep(repo: string, ref: string, sha: Sha): Promise<void>
  forget(repo: string, ref: string): Promise<void>
  /** Pushes exactly this commit to a branch that must be at `expected` (null: must not exist, or be at `sha` already). Never forces otherwise. */
  push(
    repo: string,
    remote: Remote,
    branch: string,
    sha: Sha,
    expected: Sha | null,
  ): Promise<'pushed' | 'was-there' | { readonly rejected: string }>
}

export interface Workspace {
  readonly dir: string
  /** Given to the program as HOME and TMPDIR; fresh per run, outside the checkout. */
  readonly home: string
  readonly tmp: string
  /** The commit it was cut at. */
  readonly given: Sha
  /** Ready for `Processes.start`: the checkout, home and tmp writable, Orch's own data hidden. */
  readonly sandbox: Sandbox
}

export type Collected =
  | { readonly is: 'collected'; readonly head: Sha }
  /** What the agent left cannot be taken over: `code` as a Failure's code. */
  | {
      readonly is: 'refused'
      readonly code: 'history-rewritten' | 'unreadable' | 'workspace-gone' | 'too-large'
      readonly sentence: string
    }

/** Private clones, one per task: objects borrowed from Orch's copy, refs and configuration their own. */
export interface Workspaces {
  /** A fresh clone at `sha` on `branch`, replacing whatever lay there. `label` is the task's KEY, or `<KEY>.check` for a clean checkout. */
  create(spec: {
    readonly repo: string
    readonly label: string
    readonly branch: string
    readonly sha: Sha
    readonly by: Author
    readonly sandbox: 'on' | 'off'
  }): Promise<Workspace>
  /** Commits what is left (in the workspace's own isolation), and imports the branch without running anything planted in it. */
  collect(repo: string, workspace: Workspace, branch: string, message: string, by: Author): Promise<Collected>
  /** Has a tracked or untracked file changed since `create`? For check commands, which must leave the tree alone; ignored files do not count. */
  isUntouched(workspace: Workspace): Promise<boolean>
  remove(label: string): Promise<void>
  list(): Promise<readonly string[]>
}
