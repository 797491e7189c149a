/** What the oracle knows of the store after a step, and before it. */
import type { Task } from '#core/model.ts'
import type { RunId, TaskId } from '#core/words.ts'
import type { EffectRow, LoggedStory, RunRow } from '#engine/ports/store.ts'
import type { Acts } from '../people.ts'
import type { Plan } from '../plan.ts'
import type { Sometimes } from '../sometimes.ts'
import type { OpenMessage } from '../store-world.ts'
import type { Worlds } from '../worlds/ports.ts'
import type { Witness } from './witness.ts'

export interface View {
  readonly tasks: ReadonlyMap<TaskId, Task>
  readonly runs: ReadonlyMap<RunId, RunRow>
  readonly effects: ReadonlyMap<number, EffectRow>
  readonly messages: readonly OpenMessage[]
  readonly runsWithOpenJobs: ReadonlySet<RunId>
}

export const EMPTY: View = {
  tasks: new Map(),
  runs: new Map(),
  effects: new Map(),
  messages: [],
  runsWithOpenJobs: new Set(),
}

export interface OracleEnv {
  readonly worlds: Worlds
  readonly plan: Plan
  readonly acts: Acts
  readonly sometimes: Sometimes
  readonly witness: Witness
  /** Task and protected files that somebody approved. */
  readonly protectedApprovals: Set<string>
  /** For the reader of a trace. */
  readonly note: (text: string) => void
}

/** One commit: what was before, what is now, and what was written to the log in between. */
export interface Commit {
  readonly before: View
  readonly now: View
  readonly story: readonly LoggedStory[]
}

export const LIVE: readonly RunRow['state'][] = ['admitted', 'cancelling']
export const isOpenRun = ({ state }: RunRow): boolean => state === 'ready' || LIVE.includes(state)
export const isOver = ({ stage }: Task): boolean => stage === 'done' || stage === 'cancelled'
export const isBeingStopped = ({ phase }: Task): boolean => phase.is === 'waiting' && phase.on === 'processes'
