/** Small words to build decisions with: a decision is a task and the commands that follow from it, in order. */
import type { Command, Decision, Effect, LogEntry, Task } from '../model.ts'
import type { Stage } from '../pipeline.ts'
import type { Policy } from '../policy.ts'
import type { Millis, RunId, TrackerStatus, Voice, WorkStage } from '../words.ts'

/** Everything a decision reads besides the task and the event. */
export interface Rules {
  readonly pipeline: Readonly<Record<WorkStage, Stage>>
  readonly policy: Policy
}

export const stay = (task: Task): Decision => ({ task, commands: [] })
export const decided = (task: Task, ...commands: Command[]): Decision => ({ task, commands })
export const refuse = (task: Task, refused: string): Decision => ({ task, commands: [], refused })

/** Goes on from a decision: the commands of both, in order. */
export function then(first: Decision, next: (task: Task) => Decision): Decision {
  const second = next(first.task)
  return { ...second, commands: [...first.commands, ...second.commands] }
}

/** The run that may speak for this task now; null where none may. */
export const liveRun = ({ phase }: Task): RunId | null =>
  phase.is === 'ready' || phase.is === 'running' ? phase.run : null

export const log = (entry: LogEntry): Command => ({ type: 'log', entry })
export const note = (sentence: string): Command => log({ is: 'note', sentence })

/** A comment; `name` makes its key unique within the task, so that saying it twice says it once. */
export const comment = (task: Task, name: string, voice: Voice, text: string): Effect => ({
  type: 'comment',
  key: `${task.id}:${name}`,
  voice,
  text,
})

export const show = (task: Task, status: TrackerStatus, at: Millis): Effect => ({
  type: 'show-status',
  key: `${task.id}:v${task.visit}:${status}:${at}`,
  status,
})
