/**
 * Facts that Orch gathered itself, each naming the commit it was gathered for, and when such a fact still holds.
 * An agent's word never becomes a fact: what is read here comes from Git, from processes we ran, from the forge.
 */
import type { Task } from './model.ts'
import type { ArtefactName, RunId, Sha } from './words.ts'

/** A document read back from the commit that a run of this task made. `problem` says why it does not count. */
export interface ArtefactFact {
  readonly run: RunId
  /** The head the run was given; what the document judges. */
  readonly sha: Sha
  readonly digest: string
  readonly frontMatter: Readonly<Record<string, unknown>>
  readonly problem: string | null
}

/** What a run did to the branch, by diff against the head it was given. */
export interface ChangeFact {
  readonly run: RunId
  readonly given: Sha
  readonly head: Sha
  /** `nothing`, only this task's artefacts (or base's `docs/tasks/`), or anything else. */
  readonly content: 'nothing' | 'artefacts' | 'code'
  /** Paths changed by this run that its role may not touch. */
  readonly outside: readonly string[]
  /** Commits that the branch is ahead of base. */
  readonly ahead: number
  /** Protected paths in the whole difference to base, with a digest of that difference. */
  readonly protectedPaths: readonly string[]
  readonly diffDigest: string
}

export interface CheckFact {
  readonly run: RunId
  readonly sha: Sha
  readonly tree: Sha
  readonly command: string
  readonly definition: string
  readonly exit: number | null
  readonly ms: number
  readonly tail: string
  readonly verdict: 'pass' | 'fail' | 'inconclusive'
  readonly sentence: string
}

export interface PullRequestFact {
  readonly number: number
  readonly url: string
  readonly head: string
  readonly headSha: Sha
  readonly base: string
  readonly state: 'open' | 'closed' | 'merged'
}

export interface MergeFact {
  readonly head: Sha
  readonly base: Sha
  readonly merge: Sha
  readonly by: 'orch' | 'person'
  /** Tree of the merge equals the tested tree outside `docs/tasks/`. */
  readonly treeEqual: boolean
}

export interface DeployFact {
  readonly run: RunId
  readonly sha: Sha
  readonly verdict: 'success' | 'failed' | 'inconclusive'
  readonly sentence: string
}

export interface ApprovalFact {
  readonly subject: string
  readonly by: string
  readonly at: number
}

/** What has been gathered for a task so far. Absent is unknown: it never passes a gate. */
export interface Evidence {
  readonly artefacts: Readonly<Partial<Record<ArtefactName, ArtefactFact>>>
  readonly change?: ChangeFact
  readonly pushed?: Sha
  readonly pr?: PullRequestFact
  readonly check?: CheckFact
  readonly ci?: { readonly sha: Sha; readonly contexts: Readonly<Record<string, 'success' | 'failure' | 'pending'>> }
  readonly approval?: ApprovalFact
  readonly protectedApproval?: { readonly diffDigest: string; readonly by: string }
  readonly staging?: DeployFact
  readonly merge?: MergeFact
  /** Merge commits that a rework has left behind: they are in base, and do not answer for the new work. */
  readonly earlierMerges?: readonly Sha[]
  /** The head that the forge was asked to merge, as long as nobody has read whether it did. */
  readonly asked?: Sha
  readonly production?: DeployFact
}

/** What one run or one look at the world adds. */
export interface Facts
  extends Partial<Omit<Evidence, 'artefacts' | 'approval' | 'protectedApproval' | 'asked' | 'earlierMerges'>> {
  readonly artefacts?: Evidence['artefacts']
  /** Base as it was freshly fetched at the run's start. */
  readonly base?: Sha
  /** Base was merged into the branch because it had moved. */
  readonly refreshed?: {
    readonly given: Sha
    readonly head: Sha
    readonly base: Sha
    readonly content: ChangeFact['content']
  }
  readonly conflict?: { readonly base: Sha; readonly paths: readonly string[] }
  /** The forge said no and reading Git proved that nothing was merged. */
  readonly notMerged?: {
    readonly sentence: string
    readonly hold: 'no-pull-request' | 'not-merged' | 'merge-unverified' | 'foreign-merge'
  }
}

export const noEvidence: Evidence = { artefacts: {} }

/** The branch's head as we know it; null until the branch is cut. */
export const headOf = (task: Task): Sha | null => task.lineage.at(-1) ?? null

/** Does a fact gathered for `sha` still speak of what is on the branch? */
export const holds = (task: Task, fact: { readonly sha: Sha } | undefined): boolean =>
  fact !== undefined && task.lineage.includes(fact.sha)

/** The text a person approves: any edit of the item or of the analysis makes another subject of it. */
export const approvalSubject = (task: Task): string =>
  `${task.item.digest}:${task.evidence.artefacts.analysis?.digest ?? 'none'}`

/** Adds what a run or a look at the world found; a moved branch voids what was bound to other content. */
export function learn(task: Task, facts: Facts): Task {
  const { artefacts, base, refreshed, conflict: _conflict, notMerged, ...rest } = facts
  // A moved base settles nothing: a merge that was asked for and not answered may still be made.
  const isSettled = rest.merge !== undefined || notMerged?.hold === 'not-merged'
  const { asked, ...known } = task.evidence
  const evidence: Evidence = {
    ...known,
    ...(asked === undefined || isSettled ? {} : { asked }),
    ...rest,
    artefacts: { ...task.evidence.artefacts, ...artefacts },
  }
  const moved = refreshed ?? rest.change
  const grown = moved ? extend(task.lineage, moved.given, moved.head, moved.content) : task.lineage
  const lineage = grown.length === 0 && base !== undefined ? [base] : grown
  return { ...task, evidence, lineage, base: refreshed?.base ?? task.base ?? base ?? null }
}

function extend(lineage: readonly Sha[], given: Sha, head: Sha, content: ChangeFact['content']): readonly Sha[] {
  if (content === 'code') return [head]
  const from = lineage.length === 0 ? [given] : lineage
  return from.at(-1) === head ? from : [...from, head]
}
