/**
 * What the simulation asks of a store, whichever it is: the port, the delivery side of the queue in virtual time, and
 * a reading of everything for the oracle. Nothing else of a store's inside is known to the rest of the simulation.
 */
import type { Task } from '#core/model.ts'
import type { Millis, RunId } from '#core/words.ts'
import type { Claim, EffectRow, LoggedStory, RunRow, Store } from '#engine/ports/store.ts'

export type Topic = 'task' | 'run' | 'effect' | 'inbox'

/** Jobs as the queue delivers them. Each call is one atomic moment. */
export interface Jobs {
  /** The next waiting job, now active and heard of at `now`. */
  fetch(now: Millis): Promise<Claim | null>
  /** False when the claim is void. */
  touch(claim: Claim, now: Millis): Promise<boolean>
  /** The handler returned: settles what it had not settled. */
  end(claim: Claim): Promise<void>
  /** The handler threw: the job waits again, as its next delivery. */
  fail(claim: Claim): Promise<void>
  /** Jobs not heard of since `before` wait again, as their next delivery. Returns the claims that became void. */
  expire(before: Millis): Promise<readonly Claim[]>
}

/** Everything there is, at one moment. Rows that did not change may be the same objects as before. */
export interface Ledger {
  tasks(): Promise<readonly LedgerTask[]>
  runs(): Promise<readonly RunRow[]>
  effects(): Promise<readonly EffectRow[]>
  /** Log entries after `id`, oldest first. */
  storySince(id: number): Promise<readonly LoggedStory[]>
  /** Messages that are kept and not applied yet, in the order in which they came. */
  openMessages(): Promise<readonly OpenMessage[]>
  /** Runs with a job that the queue still delivers or waits for. */
  runsWithOpenJobs(): Promise<ReadonlySet<RunId>>
}

export interface OpenMessage {
  readonly id: number
  /** The work item it is about. */
  readonly item: string
}

export interface LedgerTask {
  readonly task: Task
  readonly round: number
  readonly createdAt: Millis
  readonly run?: RunId
}

export interface StoreWorld {
  /** Its transactions do not park, do not fail by chance, and are atomic. */
  readonly store: Store
  readonly jobs: Jobs
  readonly ledger: Ledger
  /** Lifting a freeze has no port yet. */
  liftFreeze(repo: string): Promise<void>
  close(): Promise<void>
}

export interface StoreEnv {
  readonly seed: number
  /** Something was committed; the topics say what may have become possible. */
  readonly onCommit: (topics: ReadonlySet<Topic>) => void
  /** The schema refused a change: a bug of ours that became an error. */
  readonly onBackstop: (sentence: string) => void
}

export type StoreFactory = (env: StoreEnv) => Promise<StoreWorld>
