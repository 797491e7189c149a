/** The two ends of a task, and the end of the window between merge and production. */
import { headOf } from '../evidence.ts'
import * as say from '../messages.ts'
import type { Command, Decision, Effect, Event, Task } from '../model.ts'
import type { Millis, Sha } from '../words.ts'
import { comment, decided, liveRun, log, type Rules, show, stay } from './parts.ts'

/** Merged, and where configured deployed and verified. The watch judges the release, not the task. */
export function finishDone(task: Task, at: Millis): Decision {
  const final: Task = {
    ...task,
    stage: 'done',
    step: 0,
    window: null,
    lane: false,
    notes: [],
    phase: { is: 'final', since: at },
  }
  return decided(final, ...leftovers(task), show(final, 'done', at), comment(task, 'done', 'stream', say.done(final)))
}

/**
 * The window ends when production is verified, or, without a production, when the merge is. A STOP recorded inside
 * is carried out now.
 */
export function windowClosed(task: Task, rules: Rules, at: Millis): Decision {
  const { merge, production } = task.evidence
  const open = task.window !== null
  const verified = merge !== undefined && (!rules.policy.production || production?.sha === merge.merge)
  if (!open || !verified) return stay(task)
  const closed: Task = { ...task, window: null }
  return closed.stop === null ? stay(closed) : finishStop(closed, at)
}

/** STOP, as a person asked for it. Inside the window it is recorded; with a live run its processes are ended first. */
export function requestStop(task: Task, { by, at, said }: Extract<Event, { type: 'stop' }>): Decision {
  if (task.stop !== null)
    return { task, commands: [], refused: `${task.key} is being stopped already, since ${task.stop.by} asked for it.` }
  const stopping: Task = { ...task, stop: { by, at: said ?? at } }
  if (task.window !== null)
    return decided(stopping, comment(task, 'stop-recorded', 'stream', say.stoppingAfterDeploy(task, by)))
  const run = liveRun(task)
  const ending = task.ending ?? run
  if (ending === null) return finishStop(stopping, at)
  const waiting: Task = {
    ...stopping,
    ending,
    phase: { is: 'waiting', since: at, on: 'processes', sentence: `the processes of run ${ending} are being ended` },
  }
  return decided(waiting, { type: 'drop-effects' }, ...(run === null ? [] : [{ type: 'cancel-run', run } as const]))
}

/** Everything is verified dead: the lane is free. What is left outside is cleaned up, and only then *Cancelled* is told. */
export function finishStop(task: Task, at: Millis): Decision {
  const { asked, merge } = task.evidence
  if (asked !== undefined && merge === undefined) return settleMerge(task, asked, at)
  const final: Task = {
    ...task,
    stage: 'cancelled',
    step: 0,
    window: null,
    lane: false,
    notes: [],
    ending: null,
    phase: { is: 'final', since: at },
  }
  return decided(
    final,
    { type: 'drop-effects' },
    log({ is: 'moved', from: task.stage, to: 'cancelled', why: task.stop ? `stopped by ${task.stop.by}` : 'stopped' }),
    ...(headOf(task) === null ? [] : ([{ type: 'salvage', key: `${task.id}:salvage` }] as const)),
    ...leftovers(task),
    show(final, 'cancelled', at),
    comment(task, 'cancelled', 'stream', say.cancelledBy(final)),
  )
}

/** The forge was asked to merge and nobody knows whether it did: the pull request is closed, and then Git is read. */
function settleMerge(task: Task, head: Sha, at: Millis): Decision {
  const sentence = `it is being read whether ${head.slice(0, 10)} was merged`
  const waiting: Task = {
    ...task,
    window: null,
    ending: null,
    phase: { is: 'waiting', since: at, on: 'processes', sentence },
  }
  return decided(
    waiting,
    { type: 'drop-effects' },
    { type: 'close-pr', key: `${task.id}:close-pr`, text: `${task.key} was stopped.` },
    { type: 'settle-merge', key: `${task.id}:settle-merge`, head },
  )
}

/** Git has been read: STOP is carried out with what is true. */
export const mergeSettled = (task: Task, at: Millis): Decision => {
  const { asked: _asked, ...evidence } = task.evidence
  return finishStop({ ...task, evidence }, at)
}

/** After STOP only its own clean-up and report go out; an effect that was under way when it came is not begun again. */
export const outlivesStop = (task: Task, effect: Effect): boolean => {
  if (task.stop === null || task.window !== null || CLEANS_UP.has(effect.type)) return true
  return effect.type === 'show-status' ? effect.status === 'cancelled' : effect.key === `${task.id}:cancelled`
}

const CLEANS_UP: ReadonlySet<Effect['type']> = new Set([
  'salvage',
  'remove-workspace',
  'close-pr',
  'settle-merge',
  'delete-branch',
])

function leftovers(task: Task): Command[] {
  const isMerged = task.evidence.merge !== undefined
  return [
    { type: 'remove-workspace', key: `${task.id}:workspace` },
    ...(task.evidence.pr && !isMerged
      ? [{ type: 'close-pr', key: `${task.id}:close-pr`, text: say.cancelledBy(task) } as const]
      : []),
    ...(headOf(task) === null ? [] : [{ type: 'delete-branch', key: `${task.id}:branch` } as const]),
  ]
}
