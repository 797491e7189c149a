import { HOLDS } from '../../../src/core/holds.ts'
import type { TaskSummary } from '../../../src/core/view.ts'
import { capital } from './stages.ts'

/** `good`, `bad` and `waiting` always come with an icon and a word: colour alone says nothing. */
export type Tone = 'plain' | 'active' | 'good' | 'bad' | 'waiting'
export type StatusIcon =
  | 'line'
  | 'ready'
  | 'running'
  | 'gate'
  | 'person'
  | 'waiting'
  | 'held'
  | 'stop'
  | 'lock'
  | 'done'
  | 'cancelled'

export interface Status {
  readonly label: string
  readonly tone: Tone
  readonly icon: StatusIcon
}

/** A person is expected to do something with it. */
export const needsPerson = (task: TaskSummary): boolean =>
  !task.stopping && (task.phase === 'held' || task.actions.includes('approve') || task.actions.includes('answer'))

export function statusOf(task: TaskSummary): Status {
  if (task.phase === 'final') {
    return task.stage === 'done'
      ? { label: 'Done', tone: 'good', icon: 'done' }
      : { label: 'Cancelled', tone: 'plain', icon: 'cancelled' }
  }
  if (task.stopping) return { label: 'Stopping', tone: 'bad', icon: 'stop' }
  switch (task.phase) {
    case 'running':
      return { label: task.role ? `${capital(task.role)} working` : 'Working', tone: 'active', icon: 'running' }
    case 'ready':
      return { label: 'Ready to run', tone: 'plain', icon: 'ready' }
    case 'gated':
      return { label: 'At the gate', tone: 'plain', icon: 'gate' }
    case 'held':
      return { label: 'On hold', tone: 'bad', icon: 'held' }
    default:
      return waiting(task)
  }
}

function waiting(task: TaskSummary): Status {
  if (task.stage === 'queued') return { label: 'In line', tone: 'plain', icon: 'line' }
  if (task.actions.includes('approve')) return { label: 'Needs approval', tone: 'waiting', icon: 'person' }
  return { label: 'Waiting', tone: 'waiting', icon: 'waiting' }
}

export interface Reason {
  /** Of the hold, where it is on hold. */
  readonly title: string | null
  readonly text: string
}

/** Why a task waits; the sentence of a hold often begins with the hold's title, which is not said twice. */
export function reasonOf(task: TaskSummary): Reason | null {
  if (task.why === null && task.hold === null) return null
  const why = task.why ?? ''
  // A newer server may know holds that this page does not.
  const title = task.hold === null ? null : (HOLDS[task.hold]?.title ?? task.hold)
  return { title, text: title !== null && why.startsWith(`${title}: `) ? why.slice(title.length + 2) : why }
}
