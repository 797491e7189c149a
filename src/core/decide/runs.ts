/** Word from a run: it started, finished, failed, asks, or is lost with its host. */
import { headOf, learn } from '../evidence.ts'
import * as say from '../messages.ts'
import type { Command, Decision, Event, Failure, Task } from '../model.ts'
import { artefactPath } from '../prompt.ts'
import { allows, backoffMs, LONGEST_LIMIT_MS, SHORTEST_LIMIT_MS, spend } from '../retry.ts'
import { spendOf } from '../usage.ts'
import type { ArtefactName, Millis, RunId } from '../words.ts'
import { judge, moveBack, stageOf, startStep, visit } from './advance.ts'
import { finishStop } from './end.ts'
import { hold } from './hold.ts'
import { comment, decided, note, type Rules, stay, then } from './parts.ts'

type Of<T extends Event['type']> = Extract<Event, { type: T }>

export function runStarted(task: Task, event: Of<'run-started'>): Decision {
  if (task.phase.is === 'running') return stay(task)
  // A run is admitted only when the one before it is verified dead.
  const running: Task = { ...task, ending: null, phase: { is: 'running', run: event.run, since: event.at } }
  return event.role === null
    ? decided(running)
    : decided(
        running,
        comment(task, `v${task.visit}:${event.role}:started`, event.role, say.started(event.role, task.stage)),
      )
}

export function runFinished(task: Task, event: Of<'run-finished'>, rules: Rules): Decision {
  const known = account(learn(task, event.facts), event)
  return then(decided(known, ...told(task, known, event)), (t) =>
    event.overBudget !== undefined && !isProse(t, rules)
      ? hold(t, 'budget-soft', event.overBudget, rules, event.at)
      : conclude({ ...t, phase: { is: 'gated', since: event.at, on: 'gates' } }, event, rules),
  )
}

function conclude(task: Task, { facts, at }: Of<'run-finished'>, rules: Rules): Decision {
  const nothingMerged = facts.conflict !== undefined || facts.refreshed !== undefined
  if (nothingMerged && task.stop !== null) return finishStop({ ...task, window: null }, at)
  if (facts.conflict) {
    const { base, paths } = facts.conflict
    const reason = `base moved to ${base.slice(0, 10)} and conflicts in ${paths.slice(0, 10).join(', ')}: bring it in and resolve the conflict`
    return sendBackOrHold({ ...task, window: null }, [reason], rules, at)
  }
  if (facts.refreshed) return refreshed(task, facts.refreshed.content === 'code', rules, at)
  if (facts.notMerged) return hold(task, facts.notMerged.hold, facts.notMerged.sentence, rules, at)
  return judge(task, rules, at)
}

/** Base was brought in. Content that changed with it is tested anew, without counting as a rework, a bounded number of times. */
function refreshed(task: Task, contentChanged: boolean, rules: Rules, at: Millis): Decision {
  const closed: Task = { ...task, window: null }
  if (!contentChanged) return startStep(closed, rules, at)
  const kept = keepReview(closed)
  if (!allows(kept, rules.policy, 'refreshes'))
    return hold(kept, 'refreshes-spent', 'base moved again each time the branch had been tested', rules, at)
  const to = stageOf(kept, rules).onBaseMoved ?? kept.stage
  return visit(spend(kept, 'refreshes'), to, 'base moved and was brought in', rules, at)
}

/** A conflict-free refresh keeps the review: its verdict is carried to the new head. */
function keepReview(task: Task): Task {
  const { review } = task.evidence.artefacts
  const head = headOf(task)
  return review && head
    ? {
        ...task,
        evidence: { ...task.evidence, artefacts: { ...task.evidence.artefacts, review: { ...review, sha: head } } },
      }
    : task
}

function sendBackOrHold(task: Task, reasons: readonly string[], rules: Rules, at: Millis): Decision {
  return allows(task, rules.policy, 'reworks')
    ? moveBack(spend(task, 'reworks'), 'development', reasons, rules, at)
    : hold(task, 'reworks-spent', reasons.join('; '), rules, at)
}

/** The finish comment, and the branch published where the run moved it. */
function told(before: Task, task: Task, event: Of<'run-finished'>): Command[] {
  const [artefact] = Object.keys(event.facts.artefacts ?? {}) as ArtefactName[]
  const path = artefact === undefined ? null : artefactPath(task, artefact)
  return [
    ...published(before, task, event.run),
    ...(event.role === null
      ? []
      : [comment(task, `${event.run}:finished`, event.role, say.finished(event.role, event.usage, path))]),
  ]
}

function published(before: Task, task: Task, run: RunId): Command[] {
  const head = headOf(task)
  const moved = head !== null && head !== headOf(before) && task.evidence.merge === undefined
  return moved ? [{ type: 'push-branch', key: `${task.id}:push:${run}`, sha: head }] : []
}

const account = (task: Task, event: Of<'run-finished' | 'run-failed' | 'run-asked'>): Task =>
  event.role === null
    ? task
    : { ...task, spent: spendOf(task.spent, event.role, event.usage), agent: { ...task.agent, once: null } }

export function runFailed(task: Task, event: Of<'run-failed'>, rules: Rules): Decision {
  const known = account(event.facts ? learn(task, event.facts) : task, event)
  const told = event.facts ? { ...known, notes: [...known.notes, leftBehind(event.failure.sentence)] } : known
  return then(decided(told, ...published(task, known, event.run)), (t) => {
    if (isProse(t, rules)) return withoutProse(t, event, event.failure.sentence, rules)
    if (event.failure.code === 'budget') return hold(t, 'budget-spent', event.failure.sentence, rules, event.at)
    return event.failure.class === 'transient' || FREE.includes(event.failure.code)
      ? overloaded(t, event.failure, rules, event.at)
      : failed(t, event.failure, rules, event.at)
  })
}

/** The next run must know that what lies there is not finished. */
const leftBehind = (why: string): string =>
  `The run before was cut off (${why}). What it had done is on the branch: look at it and finish it.`

const isProse = (task: Task, rules: Rules): boolean => stageOf(task, rules).steps[task.step]?.prose === true

/** Prose that is missing is told and holds nothing. */
function withoutProse(task: Task, { run, at }: { run: RunId; at: Millis }, why: string, rules: Rules): Decision {
  return then(decided(task, note(`the prose of run ${run} is missing: ${why}`)), (t) => judge(t, rules, at))
}

/**
 * Nothing the task could do better, and nothing that is over soon: a person mends the key, the account or the program. The
 * provider's breaker paces the tries of all tasks, so that none of them is used up by it.
 */
const FREE: readonly string[] = ['auth', 'usage-limit', 'missing']
/** Their first wait is that of a fourth try. */
const FREE_TRIES = 4

/** The outside's fault: back with backoff, on a budget of its own. */
function overloaded(task: Task, failure: Failure, rules: Rules, at: Millis): Decision {
  if (failure.until !== undefined) return suspended(task, failure.sentence, failure.until, rules, at)
  const isFree = FREE.includes(failure.code)
  if (!isFree && !allows(task, rules.policy, 'transients'))
    return hold(task, 'transients-spent', failure.sentence, rules, at)
  const wait = backoffMs(isFree ? FREE_TRIES : task.used.transients, rules.policy, failure.retryAfterMs)
  return then(
    decided(
      isFree ? task : spend(task, 'transients'),
      note(`${failure.sentence}; next try in ${Math.ceil(wait / 1000)} s`),
    ),
    (t) => startStep(t, rules, at, at + wait),
  )
}

/** A limit with a known end is waited for, however long; nobody is to blame and no budget is spent. */
function suspended(task: Task, sentence: string, until: Millis, rules: Rules, at: Millis): Decision {
  const due = Math.min(Math.max(until, at + SHORTEST_LIMIT_MS), at + LONGEST_LIMIT_MS)
  return then(decided(task, note(`${sentence}; it goes on in ${Math.ceil((due - at) / 60_000)} min`)), (t) =>
    startStep(t, rules, at, due),
  )
}

function failed(task: Task, failure: Failure, rules: Rules, at: Millis): Decision {
  const spent = spend(task, 'attempts')
  if (!allows(spent, rules.policy, 'attempts')) return hold(spent, 'attempts-spent', failure.sentence, rules, at)
  return then(decided(spent, note(`again: ${failure.sentence}`)), (t) =>
    startStep({ ...t, notes: [...t.notes, failure.sentence] }, rules, at),
  )
}

export function runAsked(task: Task, event: Of<'run-asked'>, rules: Rules): Decision {
  const known = account(learn(task, event.facts), event)
  return then(decided(known, ...published(task, known, event.run)), (t) =>
    isProse(t, rules)
      ? withoutProse(t, event, `it asks: ${event.question}`, rules)
      : hold(t, 'question', event.question, rules, event.at),
  )
}

/** The run is gone with its host and its work with it: a new run, no attempt counted. */
export function runLost(task: Task, event: Of<'run-lost'>, rules: Rules): Decision {
  if (!event.counts) return then(decided(task, note(event.why)), (t) => startStep(t, rules, event.at))
  if (!allows(task, rules.policy, 'crashes'))
    return isProse(task, rules)
      ? withoutProse(task, event, event.why, rules)
      : hold(task, 'crashes-spent', event.why, rules, event.at)
  return then(decided(spend(task, 'crashes'), note(`${event.why}; a new run is made`)), (t) =>
    startStep(t, rules, event.at),
  )
}
