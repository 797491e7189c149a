/**
 * THE TABLE. What happens to a task, stage by stage. Read this first.
 * The engine, the board, the diagram in the docs and the simulator all read it; nothing else knows the order.
 * A stage is a list of steps; a step is one piece of work and the gates that judge it. A wrong edge does not compile.
 */

import type { Gate } from './gates.ts'
import * as gate from './gates.ts'
import type { DeployTarget, Task } from './model.ts'
import type { Policy } from './policy.ts'
import type { ArtefactName, Role, RunKind, StageName, WorkStage } from './words.ts'

export type Work =
  | { readonly kind: 'agent'; readonly role: Role; readonly artefact: ArtefactName | null }
  | { readonly kind: 'approval' }
  | { readonly kind: 'check' }
  | { readonly kind: 'merge' }
  | { readonly kind: 'deploy'; readonly target: DeployTarget }

export interface Step {
  readonly work: Work
  readonly gates: readonly Gate[]
  /** Prose: its failure is told and holds nothing. */
  readonly prose?: true
  /** Where the step does not apply, the sentence that says why; it then passes and says so. */
  readonly skip?: (task: Task, policy: Policy) => string | null
}

export interface Stage {
  readonly title: string
  readonly role: Role
  readonly steps: readonly Step[]
  readonly next: StageName
  /** Where a failed gate sends the task: another stage is a rework, the same stage another attempt. */
  readonly onFail: WorkStage
  /** Where a merge goes whose base moved meanwhile: base is brought in, and this stage judges the content anew. */
  readonly onBaseMoved?: WorkStage
}

const agent = (role: Role, artefact: ArtefactName | null = null): Work => ({ kind: 'agent', role, artefact })
const check: Work = { kind: 'check' }
const notConfigured = (what: 'staging' | 'production') => (_: Task, policy: Policy) =>
  policy[what] ? null : `${what} is not configured`

export const pipeline: Readonly<Record<WorkStage, Stage>> = {
  analysis: {
    title: 'Analysis',
    role: 'analyst',
    steps: [
      { work: agent('analyst', 'analysis'), gates: [gate.scopeKept, gate.analysisWritten] },
      { work: { kind: 'approval' }, gates: [gate.approved] },
    ],
    next: 'architecture',
    onFail: 'analysis',
  },
  architecture: {
    title: 'Architecture',
    role: 'architect',
    steps: [{ work: agent('architect', 'architecture'), gates: [gate.scopeKept, gate.architectureWritten] }],
    next: 'development',
    onFail: 'architecture',
  },
  development: {
    title: 'Development',
    role: 'developer',
    steps: [
      {
        work: agent('developer'),
        gates: [gate.scopeKept, gate.aheadOfBase, gate.protectedUntouched, gate.pullRequestOpen],
      },
      { work: check, gates: [gate.checkPasses, gate.ciGreen] },
    ],
    next: 'review',
    onFail: 'development',
  },
  review: {
    title: 'Review',
    role: 'reviewer',
    steps: [{ work: agent('reviewer', 'review'), gates: [gate.scopeKept, gate.reviewWritten, gate.reviewApproved] }],
    next: 'testing',
    onFail: 'development',
  },
  testing: {
    title: 'Testing',
    role: 'tester',
    steps: [
      { work: agent('tester', 'test'), gates: [gate.scopeKept, gate.testReportWritten, gate.testsPassed] },
      { work: check, gates: [gate.checkPasses] },
    ],
    next: 'deploy-staging',
    onFail: 'development',
  },
  'deploy-staging': {
    title: 'Staging',
    role: 'deployer',
    steps: [
      { work: { kind: 'deploy', target: 'staging' }, gates: [gate.stagingVerified], skip: notConfigured('staging') },
      { work: agent('deployer', 'staging'), gates: [], prose: true },
    ],
    next: 'deploy',
    onFail: 'development',
  },
  deploy: {
    title: 'Production',
    role: 'deployer',
    steps: [
      { work: { kind: 'merge' }, gates: [gate.merged], skip: mergedByPerson },
      { work: check, gates: [gate.mergeChecked], skip: mergeIsTested },
      {
        work: { kind: 'deploy', target: 'production' },
        gates: [gate.productionVerified],
        skip: notConfigured('production'),
      },
      { work: agent('deployer', 'deploy'), gates: [], prose: true },
    ],
    next: 'done',
    onFail: 'development',
    onBaseMoved: 'testing',
  },
}

function mergedByPerson(task: Task): string | null {
  return task.evidence.merge?.by === 'person' ? 'a person merged the pull request' : null
}

function mergeIsTested(task: Task): string | null {
  const { merge } = task.evidence
  return merge?.by === 'orch' && merge.treeEqual ? 'the merge is exactly the tested content' : null
}

export const runKindOf = (work: Exclude<Work, { kind: 'approval' }>): RunKind => work.kind

/** Every move the table allows, for the store's backstop, the simulator and the docs. */
export const edges: readonly { readonly from: StageName; readonly to: StageName; readonly why: string }[] = [
  { from: 'queued', to: 'analysis', why: 'let in' },
  ...(Object.entries(pipeline) as [WorkStage, Stage][]).flatMap(([from, stage]) => [
    { from, to: stage.next, why: 'passed' } as const,
    ...(stage.onFail === from ? [] : [{ from, to: stage.onFail, why: 'sent back' } as const]),
    ...(stage.onBaseMoved === undefined ? [] : [{ from, to: stage.onBaseMoved, why: 'base moved' } as const]),
  ]),
]
