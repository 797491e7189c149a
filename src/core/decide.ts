/**
 * What one task does when one fact arrives. Pure: no clock, no chance, no I/O, no async. Everything that advances a
 * task, whoever asks, goes through here; the engine saves the task and the commands in one transaction.
 */

import { visit } from './decide/advance.ts'
import { finishStop, mergeSettled, requestStop } from './decide/end.ts'
import { liveRun, type Rules, refuse, stay } from './decide/parts.ts'
import { agentSet, answered, approved, retried, reworkAsked } from './decide/people.ts'
import { runAsked, runFailed, runFinished, runLost, runStarted } from './decide/runs.ts'
import { deadlinePassed, effectFailed, itemEdited, observed, prClosed, prMerged, windowOpened } from './decide/world.ts'
import { unreachable } from './errors.ts'
import { learn } from './evidence.ts'
import type { Decision, Event, Task } from './model.ts'
import { spendOf } from './usage.ts'

export type { Rules } from './decide/parts.ts'

/** Never throws on any combination of task and event; what does not apply changes nothing, and a person is told why. */
export function decide(before: Task, event: Event, rules: Rules): Decision {
  const task = accounted(before, event)
  if (task.phase.is === 'final')
    return wantsAnswer(event) ? refuse(task, `${task.key} is ${task.stage} already; nothing was changed.`) : stay(task)
  if (task.phase.is === 'waiting' && task.phase.on === 'processes') return whileStopping(task, event)
  if (event.type === 'run-stopped' && event.run === task.ending) return stay({ ...task, ending: null })
  if ('run' in event && event.run !== liveRun(task))
    return wantsAnswer(event) ? refuse(task, `run ${event.run} no longer speaks for ${task.key}`) : stay(task)
  switch (event.type) {
    case 'opened':
      return stay(task)
    case 'let-in':
      return task.stage === 'queued'
        ? visit({ ...task, lane: true }, 'analysis', 'let in', rules, event.at)
        : stay(task)
    case 'run-started':
      return runStarted(task, event)
    case 'run-finished':
      return runFinished(task, event, rules)
    case 'run-failed':
      return runFailed(task, event, rules)
    case 'run-asked':
      return runAsked(task, event, rules)
    case 'run-lost':
      return runLost(task, event, rules)
    case 'run-stopped':
      return stay(task)
    case 'observed':
      return observed(task, event, rules)
    case 'effect-failed':
      return effectFailed(task, event, rules)
    case 'window-opened':
      return windowOpened(task, event)
    case 'pr-merged':
      return prMerged(task, event, rules)
    case 'pr-closed':
      return prClosed(task, event, rules)
    case 'item-edited':
      return itemEdited(task, event, rules)
    case 'approved':
      return approved(task, event, rules)
    case 'rework':
      return reworkAsked(task, event, rules)
    case 'retry':
      return retried(task, event, rules)
    case 'agent-set':
      return agentSet(task, event)
    case 'answered':
      return answered(task, event, rules)
    case 'stop':
      return requestStop(task, event)
    case 'deadline':
      return deadlinePassed(task, event, rules)
    default:
      return unreachable(event)
  }
}

/** What a run had used that was ended from outside, once: it speaks for no task afterwards. */
function accounted(task: Task, event: Event): Task {
  const used = event.type === 'run-stopped' || event.type === 'run-lost' ? event.used : undefined
  const speaks = 'run' in event && (event.run === liveRun(task) || event.run === task.ending)
  return used !== undefined && speaks ? { ...task, spent: spendOf(task.spent, used.role, used.usage) } : task
}

/** A stopped run's processes are being ended: only word of their end counts, whatever form it takes. */
function whileStopping(task: Task, event: Event): Decision {
  switch (event.type) {
    case 'run-stopped':
    case 'run-finished':
    case 'run-failed':
    case 'run-asked':
    case 'run-lost':
      return event.run === task.ending ? finishStop(task, event.at) : stay(task)
    case 'observed':
      return event.facts.merge || event.facts.notMerged ? mergeSettled(learn(task, event.facts), event.at) : stay(task)
    default:
      return wantsAnswer(event)
        ? refuse(task, `${task.key} is being stopped; nothing else is done with it.`)
        : stay(task)
  }
}

/** People, and the run that is about to merge, must know that nothing came of what they asked. */
const wantsAnswer = (event: Event): boolean => 'by' in event || event.type === 'window-opened'
