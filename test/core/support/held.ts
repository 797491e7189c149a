/** A task on hold for each reason there is, brought there by `decide`. */
import { HOLDS, type HoldReason } from '#core/holds.ts'
import type { BudgetName, Task } from '#core/model.ts'
import { defaultPolicy, type Policy } from '#core/policy.ts'
import {
  asked,
  badFacts,
  changeOf,
  closedBy,
  deadline,
  effectFailed,
  failed,
  finished,
  goodFacts,
  inconclusive,
  lost,
  mergedBy,
  overloaded,
  shaOf,
  stopped,
} from './events.ts'
import { given } from './given.ts'
import { at, full } from './tasks.ts'

/** Reasons that the table already names and nothing leads to yet. */
export const LATER = ['base-broken', 'effect-failed'] as const satisfies readonly HoldReason[]
export type HeldNow = Exclude<HoldReason, (typeof LATER)[number]>

const used = (task: Task, name: BudgetName): Task => ({
  ...task,
  used: { ...task.used, [name]: defaultPolicy.limits[name] },
})
const notMerged = (hold: 'not-merged' | 'merge-unverified') =>
  finished(() => ({ notMerged: { hold, sentence: 'the forge refused the merge' } }))

/** The rules under which each of these tasks lives. */
export const policyOfHeld: Partial<Policy> = full

const HELD: Readonly<Record<HeldNow, () => Task>> = {
  'attempts-spent': () =>
    given({ ...at('development', 'running'), used: { ...at('development', 'running').used, attempts: 2 } }, full).when(
      failed(),
    ).task,
  'reworks-spent': () => given(used(at('review', 'running'), 'reworks'), full).when(finished(badFacts)).task,
  'transients-spent': () => given(used(at('review', 'running'), 'transients'), full).when(overloaded()).task,
  'crashes-spent': () => given(used(at('review', 'running'), 'crashes'), full).when(lost()).task,
  'refreshes-spent': () =>
    given(used(at('deploy', 'running', 0, full), 'refreshes'), full).when(
      finished((task) => ({
        refreshed: { given: task.lineage.at(-1) ?? '', head: 'sha-refreshed', base: 'base-2', content: 'code' },
      })),
    ).task,
  'budget-soft': () =>
    given(at('review', 'running'), full).when(
      finished(goodFacts, { overBudget: '$5.00 were used by this task; the soft limit is $5.00' }),
    ).task,
  'budget-spent': () =>
    given(at('development', 'running'), full).when(failed({ code: 'budget', sentence: 'the budget is spent' })).task,
  question: () => given(at('architecture', 'running'), full).when(asked()).task,
  'protected-paths': () =>
    given(at('development', 'running'), full).when(
      finished((task) => ({
        ...goodFacts(task),
        change: changeOf(task, { content: 'code', protectedPaths: ['.ci/run'], diffDigest: 'digest-1' }),
      })),
    ).task,
  'ci-deadline': () => given(at('development', 'gated', 1, full), full).when(deadline()).task,
  'no-pull-request': () => given(at('development', 'gated', 0, full), full).when(effectFailed('ensure-pr')).task,
  'pull-request-closed': () =>
    given(at('development', 'running', 1, full), full)
      .after(closedBy('Noor'))
      .when(stopped()).task,
  'not-merged': () => given(at('deploy', 'running', 0, full), full).when(notMerged('not-merged')).task,
  'foreign-merge': () =>
    given(at('deploy', 'ready', 0, full), full)
      .after(mergedBy('Noor', shaOf('9.9')))
      .when(stopped()).task,
  'merge-unverified': () => given(at('deploy', 'running', 0, full), full).when(notMerged('merge-unverified')).task,
  'staging-inconclusive': () =>
    given(at('deploy-staging', 'running', 0, full), full).when(finished((task) => ({ staging: inconclusive(task) })))
      .task,
  'deploy-failed': () => given(at('deploy', 'running', 2, full), full).when(finished(badFacts)).task,
}

export const heldFor = (reason: HeldNow): Task => HELD[reason]()
export const HELD_NOW = Object.keys(HOLDS).filter((reason) => reason in HELD) as HeldNow[]
