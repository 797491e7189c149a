/** The forge as it is: branches, pull requests and the log of who moved which branch. Doing it is instantaneous here. */
import type { Millis, Sha } from '#core/words.ts'
import type { EnsuredPullRequest, MergeAnswer, PullRequest } from '#engine/ports/forge.ts'
import type { Git } from './git.ts'

/** Who does something on the forge. `bot` is Orch. */
export interface Hand {
  readonly name: string
  readonly isBot: boolean
}
export const ORCH: Hand = { name: 'orch-bot', isBot: true }
export const BASE = 'main'

export interface RefMove {
  readonly at: Millis
  readonly repo: string
  readonly branch: string
  readonly from: Sha | null
  readonly to: Sha | null
  readonly by: Hand
  readonly how: 'push' | 'merge' | 'delete'
  /** The move came after its caller had given up. */
  readonly isLate: boolean
}

interface Pull {
  number: number
  head: string
  headSha: Sha
  state: PullRequest['state']
  merge: Sha | null
  endedBy: Hand | null
  marker: string
  title: string
  updatedAt: Millis
}

export interface ForgeWorld {
  readonly base: typeof BASE
  readonly moves: readonly RefMove[]
  tip(repo: string, branch: string): Sha | null
  branches(repo: string): readonly string[]
  pulls(repo: string): readonly PullRequest[]
  pull(repo: string, number: number): PullRequest | null
  ensurePull(repo: string, head: string, draft: { title: string; marker: string }, by: Hand): EnsuredPullRequest
  merge(
    repo: string,
    number: number,
    pin: { head: Sha; message: string } | null,
    by: Hand,
    isLate?: boolean,
  ): MergeAnswer
  closePull(repo: string, number: number, by: Hand): 'closed' | 'was-closed' | 'was-merged' | 'absent'
  deleteBranch(
    repo: string,
    branch: string,
    expected: Sha | null,
    by: Hand,
    isLate?: boolean,
  ): 'deleted' | 'absent' | 'moved'
  /** Moves a branch whose tip must be `expected` (null: absent). */
  push(
    repo: string,
    branch: string,
    to: Sha,
    expected: Sha | null,
    by: Hand,
    isLate?: boolean,
  ): 'pushed' | 'was-there' | { readonly rejected: string }
}

export interface ForgeEnv {
  readonly git: Git
  readonly now: () => Millis
  /** How long a pull request shows the head from before a push. */
  readonly lagMs: () => Millis
  readonly onMove: (move: RefMove) => void
}

export function createForgeWorld(repos: ReadonlyMap<string, Sha>, { git, now, lagMs, onMove }: ForgeEnv): ForgeWorld {
  const tips = new Map([...repos].map(([repo, first]) => [repo, new Map<string, Sha>([[BASE, first]])]))
  const pulls = new Map([...repos.keys()].map((repo) => [repo, [] as Pull[]]))
  const shownFrom = new Map<string, Millis>()
  const moves: RefMove[] = []

  const of = <T>(map: Map<string, T>, repo: string): T => {
    const found = map.get(repo)
    if (found === undefined) throw new Error(`there is no repository ${repo}`)
    return found
  }
  const tip = (repo: string, branch: string) => of(tips, repo).get(branch) ?? null
  const move = (repo: string, branch: string, to: Sha | null, by: Hand, how: RefMove['how'], isLate: boolean) => {
    const from = tip(repo, branch)
    if (to === null) of(tips, repo).delete(branch)
    else of(tips, repo).set(branch, to)
    shownFrom.set(`${repo}:${branch}`, now() + lagMs())
    const made: RefMove = { at: now(), repo, branch, from, to, by, how, isLate }
    moves.push(made)
    onMove(made)
    for (const pull of of(pulls, repo)) refresh(repo, pull, by)
  }
  const end = (pull: Pull, state: 'closed' | 'merged', by: Hand, merge: Sha | null = null) => {
    Object.assign(pull, { state, endedBy: by, merge, updatedAt: now() })
  }
  /** What Git says is the truth: a contained head is merged, a branch that is gone closes its pull request. */
  const refresh = (repo: string, pull: Pull, by: Hand) => {
    if (pull.state !== 'open') return
    const head = tip(repo, pull.head)
    for (const sha of head === null ? [pull.headSha] : [head, pull.headSha]) {
      const merge = mergeOf(repo, sha)
      if (merge === null || of(pulls, repo).some((other) => other.merge === merge)) continue
      pull.headSha = sha
      return end(pull, 'merged', by, merge)
    }
    if (head === null) return end(pull, 'closed', by)
    if (now() >= (shownFrom.get(`${repo}:${pull.head}`) ?? 0) && pull.headSha !== head)
      Object.assign(pull, { headSha: head, updatedAt: now() })
  }
  /** The commit of base's first-parent line whose second parent is `head`. */
  const mergeOf = (repo: string, head: Sha): Sha | null => {
    for (let at = tip(repo, BASE); at !== null; at = git.get(at).parents[0] ?? null)
      if (git.get(at).parents[1] === head) return at
    return null
  }
  const shown = (repo: string, pull: Pull): PullRequest => {
    refresh(repo, pull, ORCH)
    const { number, head, headSha, state, merge, endedBy, title, updatedAt } = pull
    const url = `https://forge.sim/${repo}/pulls/${number}`
    return { number, url, title, head, headSha, base: BASE, state, merge, endedBy, updatedAt }
  }
  const find = (repo: string, number: number) => of(pulls, repo).find((pull) => pull.number === number)

  return {
    base: BASE,
    moves,
    tip,
    branches: (repo) => [...of(tips, repo).keys()],
    pulls: (repo) => of(pulls, repo).map((pull) => shown(repo, pull)),
    pull(repo, number) {
      const pull = find(repo, number)
      return pull ? shown(repo, pull) : null
    },
    ensurePull(repo, head, { title, marker }, by) {
      const there = of(pulls, repo).find((pull) => pull.head === head && shown(repo, pull).state === 'open')
      if (there) return { is: 'existed', pr: shown(repo, there) }
      const headSha = tip(repo, head)
      const base = tip(repo, BASE) as Sha
      if (headSha === null) return { is: 'failed', sentence: `there is no branch ${head}` }
      if (git.isAncestor(headSha, base)) return { is: 'failed', sentence: `${head} has nothing that ${BASE} has not` }
      const number = of(pulls, repo).length + 1
      const pull: Pull = {
        number,
        head,
        headSha,
        state: 'open',
        merge: null,
        endedBy: null,
        marker,
        title,
        updatedAt: now(),
      }
      of(pulls, repo).push(pull)
      void by
      return { is: 'created', pr: shown(repo, pull) }
    },
    merge(repo, number, pin, by, isLate = false) {
      const pull = find(repo, number)
      if (pull === undefined) return { is: 'not-open', sentence: `there is no pull request #${number}` }
      const seen = shown(repo, pull)
      if (seen.state === 'merged' && seen.merge !== null && pin?.head === seen.headSha)
        return { is: 'merged', merge: seen.merge }
      if (seen.state !== 'open') return { is: 'not-open', sentence: `pull request #${number} is ${seen.state}` }
      const head = tip(repo, pull.head) as Sha
      const base = tip(repo, BASE) as Sha
      if (pin !== null && head !== pin.head) return { is: 'head-moved', sentence: `${pull.head} is at ${head}` }
      if (seen.headSha !== head) return { is: 'later', sentence: `${pull.head} was moved this moment` }
      if (git.isAncestor(head, base)) return { is: 'refused', sentence: `${BASE} contains ${head} already` }
      const merged = git.mergeFiles(base, head)
      if ('conflicts' in merged) return { is: 'conflict', sentence: `conflicts in ${merged.conflicts.join(', ')}` }
      const message = pin?.message ?? `Merge pull request #${number}`
      const made = git.commit([base, head], merged.files, by.name, message, { isCleanMerge: true })
      pull.headSha = head
      end(pull, 'merged', by, made.id)
      move(repo, BASE, made.id, by, 'merge', isLate)
      return { is: 'merged', merge: made.id }
    },
    closePull(repo, number, by) {
      const pull = find(repo, number)
      if (pull === undefined) return 'absent'
      const { state } = shown(repo, pull)
      if (state !== 'open') return state === 'merged' ? 'was-merged' : 'was-closed'
      end(pull, 'closed', by)
      return 'closed'
    },
    deleteBranch(repo, branch, expected, by, isLate = false) {
      const there = tip(repo, branch)
      if (there === null) return 'absent'
      if (expected !== null && there !== expected) return 'moved'
      move(repo, branch, null, by, 'delete', isLate)
      return 'deleted'
    },
    push(repo, branch, to, expected, by, isLate = false) {
      const there = tip(repo, branch)
      if (there === to) return 'was-there'
      if (there !== expected) return { rejected: `${branch} is at ${there ?? 'no commit'}` }
      move(repo, branch, to, by, 'push', isLate)
      return 'pushed'
    },
  }
}
