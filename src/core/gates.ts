/**
 * Every quality gate: a named predicate over a task's evidence that explains itself in a sentence.
 * A gate never sees an agent's word, and nothing passes by being absent.
 */

import { analysisProblem, architectureProblem, reviewProblem, testReportProblem } from './artefacts.ts'
import { approvalSubject, headOf, holds } from './evidence.ts'
import type { HoldReason } from './holds.ts'
import type { Task } from './model.ts'
import type { Policy } from './policy.ts'
import { ARTEFACTS, type ArtefactName } from './words.ts'

export type Verdict =
  | { readonly is: 'pass'; readonly sentence: string }
  /** The work itself is not good enough: the stage's `onFail`. */
  | { readonly is: 'fail'; readonly sentence: string }
  /** The run did not do its job (artefact missing, wrong files): the same stage again. */
  | { readonly is: 'again'; readonly sentence: string }
  | { readonly is: 'pending'; readonly on: 'approval' | 'pull-request' | 'ci' | 'merge'; readonly sentence: string }
  /** Only a person can decide. */
  | { readonly is: 'human'; readonly hold: HoldReason; readonly sentence: string }

export interface Gate {
  readonly name: string
  readonly describe: string
  readonly judge: (task: Task, policy: Policy) => Verdict
}

const pass = (sentence: string): Verdict => ({ is: 'pass', sentence })
const fail = (sentence: string): Verdict => ({ is: 'fail', sentence })
const again = (sentence: string): Verdict => ({ is: 'again', sentence })
const human = (hold: HoldReason, sentence: string): Verdict => ({ is: 'human', hold, sentence })
const short = (sha: string) => sha.slice(0, 10)
const list = (paths: readonly string[]) =>
  paths.length > 5 ? `${paths.slice(0, 5).join(', ')} and ${paths.length - 5} more` : paths.join(', ')

/** A fact of the last run; the record of an earlier one does not speak for it. */
const ofLastRun = <F extends { readonly run: string }>({ id, runs }: Task, fact: F | undefined): F | undefined =>
  fact?.run === `${id}.${runs}` ? fact : undefined

export const scopeKept: Gate = {
  name: 'scope-kept',
  describe: 'the run changed only what its role may change',
  judge: (task) => {
    const change = ofLastRun(task, task.evidence.change)
    if (change === undefined) return again('the run left no record of what it changed')
    if (change.outside.length > 0) return again(`the run changed files its role may not touch: ${list(change.outside)}`)
    return pass(change.content === 'nothing' ? 'nothing was changed' : 'only files of its own were changed')
  },
}

const written = (
  name: ArtefactName,
  problemOf: (frontMatter: Readonly<Record<string, unknown>>) => string | null,
): Gate => ({
  name: `${name}-written`,
  describe: `${ARTEFACTS[name]} is there, written by a run of this task, and its front matter can be read`,
  judge: (task) => {
    const fact = ofLastRun(task, task.evidence.artefacts[name])
    if (fact === undefined) return again(`${ARTEFACTS[name]} is missing`)
    const problem = fact.problem ?? problemOf(fact.frontMatter)
    return problem === null ? pass(`${ARTEFACTS[name]} is valid`) : again(`${ARTEFACTS[name]}: ${problem}`)
  },
})

export const analysisWritten = written('analysis', analysisProblem)
export const architectureWritten = written('architecture', architectureProblem)
export const reviewWritten = written('review', reviewProblem)
export const testReportWritten = written('test', testReportProblem)

/** Bound to title, description and analysis: any edit after the approval asks anew. */
export const approvalStands = (task: Task): boolean => task.evidence.approval?.subject === approvalSubject(task)

export const approved: Gate = {
  name: 'approved',
  describe:
    'a listed person approved exactly this title, description and analysis (or the project approves automatically)',
  judge: (task) => {
    const { approval } = task.evidence
    if (approvalStands(task)) return pass(`approved by ${approval?.by}`)
    const sentence = approval
      ? 'the item or its analysis was edited after the approval'
      : 'a person has to approve the analysis'
    return { is: 'pending', on: 'approval', sentence }
  },
}

export const aheadOfBase: Gate = {
  name: 'ahead-of-base',
  describe: 'the branch has commits that base has not',
  judge: (task) => {
    const ahead = ofLastRun(task, task.evidence.change)?.ahead ?? 0
    return ahead > 0
      ? pass(`${task.branch} is ${ahead} ${ahead === 1 ? 'commit' : 'commits'} ahead of base`)
      : again(`${task.branch} has nothing that base has not`)
  },
}

export const protectedUntouched: Gate = {
  name: 'protected-untouched',
  describe:
    'CI, gate definitions and agent instructions are unchanged, or a person approved exactly this change of them',
  judge: (task) => {
    const change = ofLastRun(task, task.evidence.change)
    const { protectedApproval } = task.evidence
    if (change === undefined) return again('the run left no record of what it changed')
    if (change.protectedPaths.length === 0) return pass('no protected file was changed')
    if (protectedApproval?.diffDigest === change.diffDigest)
      return pass(`${protectedApproval.by} approved the change of ${list(change.protectedPaths)}`)
    return human('protected-paths', `protected files were changed: ${list(change.protectedPaths)}`)
  },
}

export const pullRequestOpen: Gate = {
  name: 'pull-request-open',
  describe: 'exactly one pull request is open, from the task’s branch at its head to base',
  judge: (task) => {
    const { pr } = task.evidence
    const head = headOf(task)
    if (pr === undefined || pr.headSha !== head)
      return { is: 'pending', on: 'pull-request', sentence: 'the pull request is being opened' }
    if (pr.state === 'closed') return human('pull-request-closed', `pull request #${pr.number} was closed`)
    return pass(`pull request #${pr.number} is open at ${short(pr.headSha)}`)
  },
}

export const checkPasses: Gate = {
  name: 'check-passes',
  describe: 'the repository’s own check command, run by Orch on a clean checkout of the exact commit, passes',
  judge: (task) => {
    const { check } = task.evidence
    if (check === undefined || !holds(task, check)) return fail('the check command has not run on this commit')
    if (check.verdict === 'pass') return pass(`\`${check.command}\` passed on ${short(check.sha)}`)
    return fail(`\`${check.command}\` on ${short(check.sha)}: ${check.sentence}`)
  },
}

export const ciGreen: Gate = {
  name: 'ci-green',
  describe: 'every required CI context is green on the pinned head',
  judge: (task, policy) => {
    if (policy.requiredContexts.length === 0) return pass('CI contexts are not configured')
    const { ci } = task.evidence
    const seen = ci !== undefined && holds(task, ci) ? ci.contexts : {}
    const red = policy.requiredContexts.filter((name) => seen[name] === 'failure')
    if (red.length > 0) return fail(`CI is red: ${list(red)}`)
    const missing = policy.requiredContexts.filter((name) => seen[name] !== 'success')
    return missing.length > 0
      ? { is: 'pending', on: 'ci', sentence: `CI has not reported yet: ${list(missing)}` }
      : pass(`CI is green: ${list(policy.requiredContexts)}`)
  },
}

export const reviewApproved: Gate = {
  name: 'review-approved',
  describe: 'the reviewer approved this very commit',
  judge: (task) => {
    const review = task.evidence.artefacts.review
    if (!holds(task, review)) return again('the review speaks of another commit')
    return review?.frontMatter.verdict === 'APPROVED'
      ? pass('the reviewer approved')
      : fail(`the reviewer asks for changes: ${textOf(review?.frontMatter.summary)}`)
  },
}

export const testsPassed: Gate = {
  name: 'tests-passed',
  describe: 'the tester reports PASS for this very commit',
  judge: (task) => {
    const report = task.evidence.artefacts.test
    if (!holds(task, report)) return again('the test report speaks of another commit')
    return report?.frontMatter.test_status === 'PASS'
      ? pass('the tester reports PASS')
      : fail(`the tester reports FAIL: ${textOf(report?.frontMatter.summary)}`)
  },
}

export const stagingVerified: Gate = {
  name: 'staging-verified',
  describe: 'staging runs this very commit and its checks pass',
  judge: (task) => {
    const { staging } = task.evidence
    if (staging === undefined || !holds(task, staging))
      return human('staging-inconclusive', 'there is no staging verdict for this commit')
    if (staging.verdict === 'success') return pass(staging.sentence)
    return staging.verdict === 'failed' ? fail(staging.sentence) : human('staging-inconclusive', staging.sentence)
  },
}

export const merged: Gate = {
  name: 'merged',
  describe: 'the merge commit is in base and was made from the tested head',
  judge: (task) => {
    const { merge } = task.evidence
    if (merge === undefined) return human('not-merged', 'there is no proof of a merge')
    if (!task.lineage.includes(merge.head))
      return human('foreign-merge', `${short(merge.head)} was merged, which is not the tested head`)
    return pass(`merged as ${short(merge.merge)}`)
  },
}

export const mergeChecked: Gate = {
  name: 'merge-checked',
  describe: 'where the merge is not exactly the tested content, the check command passes on the merge commit itself',
  judge: ({ evidence: { check, merge } }) => {
    if (check === undefined || check.sha !== merge?.merge)
      return human('deploy-failed', 'the check command has not run on the merge commit')
    return check.verdict === 'pass'
      ? pass('the check command passed on the merge commit')
      : human('deploy-failed', `the merge commit fails the check command: ${check.sentence}`)
  },
}

export const productionVerified: Gate = {
  name: 'production-verified',
  describe: 'production runs the merge commit and is verified',
  judge: ({ evidence: { production, merge } }) => {
    if (production === undefined || production.sha !== merge?.merge)
      return human('deploy-failed', 'there is no production verdict for the merge commit')
    return production.verdict === 'success' ? pass(production.sentence) : human('deploy-failed', production.sentence)
  },
}

const textOf = (value: unknown): string =>
  typeof value === 'string' && value.trim() !== ''
    ? value.trim().replace(/\s+/g, ' ').slice(0, 300)
    : 'no summary given'

/** Every gate, for the docs, the explanation and the test that each is used. */
export const GATES: readonly Gate[] = [
  scopeKept,
  analysisWritten,
  approved,
  architectureWritten,
  aheadOfBase,
  protectedUntouched,
  pullRequestOpen,
  checkPasses,
  ciGreen,
  reviewWritten,
  reviewApproved,
  testReportWritten,
  testsPassed,
  stagingVerified,
  merged,
  mergeChecked,
  productionVerified,
]
