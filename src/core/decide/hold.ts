/** Putting a task on hold: it waits for a person, with a sentence why. */
import { exitsOf, type HoldReason, leavesLane } from '../holds.ts'
import * as say from '../messages.ts'
import type { Decision, Task } from '../model.ts'
import type { Millis } from '../words.ts'
import { finishStop } from './end.ts'
import { comment, decided, log, type Rules, show } from './parts.ts'

/**
 * A hold ends the window, and with it a STOP that waited for the window's end is carried out.
 * `shown` binds an `approve` to exactly what the person saw.
 */
export function hold(
  task: Task,
  reason: HoldReason,
  sentence: string,
  rules: Rules,
  at: Millis,
  shown?: string,
): Decision {
  if (task.stop !== null) return finishStop({ ...task, window: null }, at)
  const diff = reason === 'protected-paths' ? task.evidence.change?.diffDigest : shown
  const heldTask: Task = {
    ...task,
    window: null,
    lane: leavesLane(reason) ? false : task.lane,
    phase: { is: 'held', since: at, reason, sentence, ...(diff === undefined ? {} : { shown: diff }) },
  }
  const exits = exitsOf(reason).filter((exit) => rules.policy.stop || exit !== 'stop')
  return decided(
    heldTask,
    log({ is: 'held', reason, sentence, exits }),
    show(heldTask, 'on-hold', at),
    comment(task, `held:${reason}:${task.runs}:${at}`, 'stream', say.held(task, reason, sentence, exits)),
  )
}
