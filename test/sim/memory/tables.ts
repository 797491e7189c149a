/** The rows of the store in memory, and a transaction's way back: every change leaves its undoing behind. */
import type { Breaker } from '#core/breaker.ts'
import type { Task } from '#core/model.ts'
import type { Millis, RunId, TaskId } from '#core/words.ts'
import type { Deadline, EffectRow, HostIdentity, InboxRow, LoggedStory, RunRow } from '#engine/ports/store.ts'
import type { Topic } from '../store-world.ts'

export interface StoredTask {
  readonly task: Task
  readonly itemKey: string
  readonly round: number
  readonly priority: number
  readonly next: boolean
  readonly createdAt: Millis
  readonly updatedAt: Millis
}
export interface StoredEffect extends EffectRow {
  readonly claimedUntil: Millis
  readonly claimedBy: HostIdentity | null
}
export interface StoredMessage extends InboxRow {
  readonly notBefore: Millis
  readonly appliedAt: Millis | null
  readonly outcome: string | null
}
export interface Freeze {
  readonly repo: string
  readonly reason: string
  readonly by: string
  readonly since: Millis
}
/** A job as the queue keeps it. */
export interface Job {
  readonly id: string
  readonly run: RunId
  readonly state: 'created' | 'retry' | 'active' | 'completed' | 'cancelled'
  readonly delivery: number
  readonly heardAt: Millis | null
}

export interface Tables {
  readonly tasks: Map<TaskId, StoredTask>
  readonly runs: Map<RunId, RunRow>
  /** Ready, admitted and cancelling ones again, for the queries that only want those. */
  readonly openRuns: Map<RunId, RunRow>
  readonly effects: Map<number, StoredEffect>
  readonly openEffects: Map<number, StoredEffect>
  readonly effectKeys: Map<string, number>
  readonly inbox: Map<number, StoredMessage>
  readonly openInbox: Map<number, StoredMessage>
  readonly inboxKeys: Map<string, number>
  readonly cursors: Map<string, string | null>
  readonly deadlines: Map<string, Deadline>
  readonly freezes: Map<string, Freeze>
  readonly breakers: Map<string, Breaker>
  readonly jobs: Map<string, Job>
  readonly numbers: Map<string, number>
  readonly fences: Map<string, number>
  readonly log: LoggedStory[]
  /** Ids are never given twice, also not after a transaction that came to nothing. */
  readonly sequence: { task: number; effect: number; inbox: number }
}

export const createTables = (): Tables => ({
  tasks: new Map(),
  runs: new Map(),
  openRuns: new Map(),
  effects: new Map(),
  openEffects: new Map(),
  effectKeys: new Map(),
  inbox: new Map(),
  openInbox: new Map(),
  inboxKeys: new Map(),
  cursors: new Map(),
  deadlines: new Map(),
  freezes: new Map(),
  breakers: new Map(),
  jobs: new Map(),
  numbers: new Map(),
  fences: new Map(),
  log: [],
  sequence: { task: 0, effect: 0, inbox: 0 },
})

/** A broken promise that the schema turns into an error. */
export class Backstop extends Error {
  override readonly name = 'Backstop'
}

/** The changes of one transaction. */
export interface Changes {
  put<K, V>(map: Map<K, V>, key: K, value: V): void
  drop<K, V>(map: Map<K, V>, key: K): void
  append<V>(list: V[], value: V): void
  touch(topic: Topic): void
  readonly touched: ReadonlySet<Topic>
  undo(): void
}

export function createChanges(): Changes {
  const undoings: (() => void)[] = []
  const touched = new Set<Topic>()
  return {
    touched,
    touch: (topic) => void touched.add(topic),
    put(map, key, value) {
      const before = map.get(key)
      const was = map.has(key)
      undoings.push(() => (was ? map.set(key, before as never) : map.delete(key)))
      map.set(key, value)
    },
    drop(map, key) {
      const before = map.get(key)
      if (!map.delete(key)) return
      undoings.push(() => map.set(key, before as never))
    },
    append(list, value) {
      const { length } = list
      undoings.push(() => {
        list.length = length
      })
      list.push(value)
    },
    undo() {
      for (const undoing of undoings.reverse()) undoing()
      undoings.length = 0
    },
  }
}
