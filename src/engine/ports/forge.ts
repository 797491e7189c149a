/**
 * The forge holds the repository and its pull requests. Base is moved by `merge` alone, pinned to a head; nothing here
 * pushes to it. Every answer that leaves doubt is settled by reading Git, not by its wording.
 */
import type { Millis, Sha, Voice } from '#core/words.ts'

/** How Git reaches a repository: an address without secrets, and the environment that carries them. */
export interface Remote {
  readonly url: string
  readonly env: Readonly<Record<string, string>>
}

export interface PullRequest {
  readonly number: number
  readonly url: string
  readonly title: string
  readonly head: string
  readonly headSha: Sha
  readonly base: string
  readonly state: 'open' | 'closed' | 'merged'
  /** The merge commit, once merged. */
  readonly merge: Sha | null
  /** Who closed or merged it, where the forge says so. */
  readonly endedBy: { readonly name: string; readonly isBot: boolean } | null
  readonly updatedAt: Millis
}

export type EnsuredPullRequest =
  | { readonly is: 'existed' | 'created'; readonly pr: PullRequest }
  | { readonly is: 'failed'; readonly sentence: string }

/** `unknown`: the forge gave no clear answer; read Git. `later`: nothing was done, the same call may succeed soon. */
export type MergeAnswer =
  | { readonly is: 'merged'; readonly merge: Sha }
  | {
      readonly is: 'head-moved' | 'base-moved' | 'conflict' | 'not-open' | 'refused' | 'later' | 'unknown'
      readonly sentence: string
    }

export interface Forge {
  remote(repo: string): Promise<Remote>
  /** The configured or default base branch. Throws UserError where the repository does not exist or has no commit on it. */
  base(repo: string): Promise<string>
  /**
   * Exactly one open pull request from `head` to `base`: the open one is returned, else one is created. `marker` is kept
   * hidden in it, so that ours is told from others. The branch must have been pushed.
   */
  ensurePullRequest(
    repo: string,
    draft: {
      readonly head: string
      readonly base: string
      readonly title: string
      readonly body: string
      readonly marker: string
      readonly voice: Voice
    },
  ): Promise<EnsuredPullRequest>
  pullRequest(repo: string, number: number): Promise<PullRequest | null>
  /** Open ones, and those that changed since `since` (milliseconds). */
  pullRequests(repo: string, since: Millis): Promise<readonly PullRequest[]>
  /** A merge commit of the pull request's head into base, only if its head is `head` at that moment. */
  merge(repo: string, number: number, pin: { readonly head: Sha; readonly message: string }): Promise<MergeAnswer>
  closePullRequest(
    repo: string,
    number: number,
    text: string,
  ): Promise<'closed' | 'was-closed' | 'was-merged' | 'absent'>
  /** Deletes only while the branch is at `expected`; never the base. */
  deleteBranch(repo: string, branch: string, expected: Sha): Promise<'deleted' | 'absent' | 'moved'>
  branch(repo: string, branch: string): Promise<Sha | null>
  /** Status of each CI context on exactly this commit, reduced to the newest of its name. */
  contexts(repo: string, sha: Sha): Promise<Readonly<Record<string, 'success' | 'failure' | 'pending'>>>
}
