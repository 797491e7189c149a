/**
 * Orch's memory. One transaction holds a change of state, its log, its new runs, its effects and its jobs: all or
 * nothing. Time comes in as a parameter; only leases of the queue use the database's clock.
 * Lock order everywhere: admission, task, run, queue.
 */

import type { AgentChoice } from '#core/agent-choice.ts'
import type { Breaker } from '#core/breaker.ts'
import type { Facts } from '#core/evidence.ts'
import type {
  Command,
  DeadlineName,
  DeployTarget,
  Effect,
  Event,
  LogEntry,
  Task,
  Usage,
  WorkItemFacts,
} from '#core/model.ts'
import type { QueueFacts } from '#core/schedule.ts'
import type { ArtefactName, Millis, Role, RunId, RunKind, StageName, TaskId } from '#core/words.ts'
import type { ProcessIdentity } from './processes.ts'
import type { Session } from './runtime.ts'

export type RunState = 'ready' | 'admitted' | 'cancelling' | 'done' | 'failed' | 'lost' | 'cancelled'

export interface RunRow {
  readonly id: RunId
  readonly task: TaskId
  readonly repo: string
  readonly project: string
  readonly stage: StageName
  readonly kind: RunKind
  readonly role: Role | null
  readonly target: DeployTarget | null
  readonly artefact: ArtefactName | null
  readonly state: RunState
  readonly readyAt: Millis
  readonly notBefore: Millis
  /** Id of its job, once admitted. */
  readonly job: string | null
  readonly host: HostIdentity | null
  readonly startedAt: Millis | null
  readonly endedAt: Millis | null
  readonly sentence: string | null
  readonly usage: Usage | null
  readonly facts: Facts | null
  /** A document that is kept with its run instead of in the repository. */
  readonly report: string | null
  /** Of an agent's run, once it was begun: what it was given, and what came of that. */
  readonly agent: RunAgent | null
}

export interface RunAgent {
  readonly runtime: string
  readonly provider: string | null
  readonly choice: AgentChoice
  /** Models that really answered. */
  readonly models: readonly string[]
  /** A conversation that the next run can go on with. */
  readonly session: Session | null
  /** Run whose conversation it goes on with. */
  readonly resumes: RunId | null
}

/** One process of Orch on one machine. */
export interface HostIdentity extends ProcessIdentity {
  readonly name: string
}

/** What a worker must show to speak for a run: the queue's delivery of its job. */
export interface Claim {
  readonly run: RunId
  readonly job: string
  /** The queue's delivery number of this job; a later delivery makes this claim void. */
  readonly delivery: number
}

export type EffectState = 'pending' | 'started' | 'done' | 'failed' | 'skipped'
export interface EffectRow {
  readonly id: number
  readonly task: TaskId
  readonly effect: Effect
  readonly state: EffectState
  readonly tries: number
  readonly notBefore: Millis
  readonly sentence: string | null
}

/** A message from outside, made durable before anything is done with it. */
export interface InboxMessage {
  /** Unique within its source: body hash, change id, or a person's request id. */
  readonly source: string
  readonly key: string
  readonly body: unknown
}
export interface InboxRow extends InboxMessage {
  readonly id: number
  readonly receivedAt: Millis
  readonly tries: number
}

export interface NewTask {
  readonly project: string
  readonly repo: string
  readonly key: string
  readonly branch: string
  readonly item: WorkItemFacts
  readonly itemKey: string
  readonly priority: number
  readonly round: number
}

/** What was written to the log beside the events: the event itself, or one of the decision's entries. */
export type Story =
  | { readonly is: 'event'; readonly event: Event }
  | LogEntry
  | { readonly is: 'effect'; readonly effect: Effect; readonly outcome: string }

export interface LoggedStory {
  readonly id: number
  readonly task: TaskId
  readonly at: Millis
  readonly story: Story
}

export interface TaskRow {
  readonly task: Task
  readonly itemKey: string
  readonly round: number
  readonly priority: number
  readonly next: boolean
  readonly createdAt: Millis
  readonly updatedAt: Millis
}

export interface Deadline {
  readonly task: TaskId
  readonly name: DeadlineName
  readonly due: Millis
  readonly visit: number
}

export interface Tx {
  /** Held until the end of the transaction; one admission at a time in the whole cluster. */
  lockAdmission(): Promise<void>
  queueFacts(): Promise<QueueFacts>

  /** Locks the row until the end of the transaction. */
  task(id: TaskId): Promise<Task | null>
  insertTask(task: NewTask, initial: (id: TaskId, number: number) => Task, at: Millis): Promise<Task>
  saveTask(task: Task, at: Millis): Promise<void>
  /** The newest task of a work item, locked, and how many there were. */
  newestTaskOf(
    project: string,
    item: string,
  ): Promise<{ readonly task: Task; readonly rounds: number; readonly openedAt: Millis } | null>
  setNext(id: TaskId, next: boolean, at: Millis): Promise<void>
  appendLog(task: TaskId, story: Story, at: Millis): Promise<void>

  run(id: RunId): Promise<RunRow | null>
  insertRun(row: RunRow): Promise<void>
  /** Changes the run only while it is in one of `from`; says whether it was. */
  updateRun(id: RunId, from: readonly RunState[], change: Partial<Omit<RunRow, 'id' | 'task'>>): Promise<boolean>

  /** Keys that are known already are passed over. */
  addEffects(task: TaskId, effects: readonly Effect[], at: Millis): Promise<void>
  /** Everything that was not begun becomes `skipped`. */
  dropEffects(task: TaskId, at: Millis): Promise<void>
  /** The head of one task's effects that is due and that nobody else delivers; claims it for `by` until `until`. */
  claimEffect(claim: {
    readonly by: HostIdentity
    readonly now: Millis
    readonly until: Millis
    readonly task?: TaskId
  }): Promise<EffectRow | null>
  /** Ends a claim whose holder is gone; whoever claims the effect next settles it. */
  releaseEffect(id: number, by: HostIdentity): Promise<void>
  /** False where the effect was claimed anew since `row` was: whoever has it now settles it. */
  settleEffect(
    row: Pick<EffectRow, 'id' | 'tries'>,
    change: {
      readonly state: EffectState
      readonly sentence: string | null
      readonly notBefore: Millis
      readonly at: Millis
    },
  ): Promise<boolean>
  hasLaterStatus(effect: EffectRow): Promise<boolean>

  /** Keeps a message unless its key is known; says which. */
  receive(message: InboxMessage, at: Millis): Promise<'new' | 'known'>
  /** Locks the message; null when somebody else applies it or it is applied. */
  inboxMessage(id: number): Promise<InboxRow | null>
  settleMessage(id: number, outcome: string, at: Millis): Promise<void>
  postponeMessage(id: number, notBefore: Millis): Promise<void>
  /** The answer given to a person's request, to give it again. */
  answerOf(source: string, key: string): Promise<string | null>
  settleAnswer(source: string, key: string, answer: string, at: Millis): Promise<void>
  cursor(name: string): Promise<string | null>
  setCursor(name: string, value: string | null): Promise<void>

  setDeadline(deadline: Deadline): Promise<void>
  clearDeadline(deadline: Deadline): Promise<void>

  /** Locks the provider's row; null where it never had trouble. Last in the order of locks. */
  breaker(provider: string): Promise<Breaker | null>
  setBreaker(provider: string, breaker: Breaker, at: Millis): Promise<void>

  freezeOf(repo: string): Promise<{ readonly reason: string } | null>
  freeze(repo: string, by: string, reason: string, at: Millis): Promise<void>

  /** Jobs, in this same transaction. */
  sendJob(run: RunRow & { readonly job: string }): Promise<void>
  /** Settles the delivery; false when the claim is void. */
  completeJob(claim: Claim): Promise<boolean>
  cancelJob(job: string): Promise<void>
}

/** Reading for pages, tick and reconcile: one consistent moment each, no locks kept. */
export interface Reads {
  tasks(query: {
    readonly project?: string
    readonly open?: boolean
    readonly limit: number
    readonly before?: { readonly updatedAt: Millis; readonly id: TaskId }
  }): Promise<readonly TaskRow[]>
  taskByKey(key: string): Promise<TaskRow | null>
  taskRow(id: TaskId): Promise<TaskRow | null>
  openTasks(): Promise<readonly Task[]>
  runs(task: TaskId): Promise<readonly RunRow[]>
  runById(id: RunId): Promise<RunRow | null>
  liveRuns(): Promise<
    readonly (RunRow & {
      readonly jobState: 'waiting' | 'active' | 'ended' | 'missing' | null
      readonly heardAt: Millis | null
    })[]
  >
  story(task: TaskId, limit: number): Promise<readonly LoggedStory[]>
  storySince(id: number, limit: number): Promise<readonly LoggedStory[]>
  lastStoryId(): Promise<number>
  queueFacts(): Promise<QueueFacts>
  /** What agents' runs used since `since`, runs under way included: all of them, and of `task` alone over all time; `except` is left out of both. */
  spending(query: {
    readonly since: Millis
    readonly task: TaskId
    readonly except: RunId
  }): Promise<{ readonly task: Usage; readonly day: Usage }>
  /** Sums of agents' runs begun in `[from, to)`, largest cost first; a day is one of UTC. */
  usage(query: {
    readonly by: 'role' | 'task' | 'project' | 'day' | 'model'
    readonly from: Millis
    readonly to: Millis
    readonly project?: string
  }): Promise<readonly { readonly name: string; readonly runs: number; readonly ms: Millis; readonly usage: Usage }[]>
  breakers(): Promise<Readonly<Record<string, Breaker>>>
  effectCounts(task?: TaskId): Promise<Readonly<Record<EffectState, number>>>
  /** Effects that are being delivered, and by whom. */
  effectClaims(): Promise<readonly { readonly id: number; readonly by: HostIdentity }[]>
  dueMessages(now: Millis, limit: number): Promise<readonly InboxRow[]>
  dueDeadlines(now: Millis): Promise<readonly Deadline[]>
  freezes(): Promise<
    readonly {
      readonly repo: string
      readonly reason: string
      readonly by: string
      readonly since: Millis
      readonly until: Millis | null
    }[]
  >
  windows(): Promise<readonly { readonly repo: string; readonly task: string; readonly fence: number }[]>
}

export interface Store {
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  readonly reads: Reads
}

/** The delivery side of the queue; sending and settling belong to a transaction and are in `Tx`. */
export interface Queue {
  /** Delivers jobs until `stop`; at most `slots` at once on this host. `signal` aborts when the job is cancelled or the claim is lost. */
  work(slots: number, handle: (claim: Claim, signal: AbortSignal) => Promise<void>): Promise<void>
  /** Says that the claim's worker is alive; false when the claim is void. Rejects while the queue cannot be reached. */
  touch(claim: Claim): Promise<boolean>
  /** No new jobs; resolves when the running handlers have returned. */
  stop(): Promise<void>
}

export type StartRun = Extract<Command, { type: 'start-run' }>
