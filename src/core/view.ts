/** What the API says and the board and CLI read: Types only; times are milliseconds since the epoch. */
import type { AgentChoice, AgentWish } from './agent-choice.ts'
import type { Breaker } from './breaker.ts'
import type { HoldExit, HoldReason } from './holds.ts'
import type { Spent, Usage } from './model.ts'
import type { Millis, Role, RunId, RunKind, Sha, StageName, UsageBy } from './words.ts'

export interface TaskSummary {
  readonly id: number
  readonly key: string
  readonly project: string
  readonly repo: string
  readonly number: number
  readonly title: string
  readonly stage: StageName
  readonly phase: 'ready' | 'running' | 'gated' | 'waiting' | 'held' | 'final'
  readonly since: Millis
  /** Why it waits, in one sentence; null while it runs or has ended well. */
  readonly why: string | null
  readonly hold: HoldReason | null
  /** What a person can do now. */
  readonly actions: readonly TaskAction[]
  readonly stopping: boolean
  /** Clean-up after the end that is still being retried. */
  readonly cleaningUp: boolean
  readonly role: Role | null
  readonly run: RunId | null
  readonly priority: number
  readonly next: boolean
  readonly lane: boolean
  readonly createdAt: Millis
  readonly updatedAt: Millis
}

export type TaskAction = HoldExit | 'next'

export interface TaskDetail extends TaskSummary {
  readonly description: string
  readonly branch: string
  readonly base: Sha | null
  readonly head: Sha | null
  readonly pullRequest: { readonly number: number; readonly url: string; readonly state: string } | null
  readonly merge: Sha | null
  /** What an `approve` must name, so that it is bound to what was shown. */
  readonly subject: string | null
  readonly budgets: readonly { readonly name: string; readonly used: number; readonly limit: number }[]
  /** What people set for its agents; absent is left to the configuration. */
  readonly agent: AgentWish
  readonly usage: Spent
  readonly usageByRole: Readonly<Partial<Record<Role, Spent>>>
  readonly stages: readonly StageView[]
  readonly runs: readonly RunView[]
  readonly artefacts: readonly ArtefactView[]
  /** Verdict of each gate when it was last judged. */
  readonly gates: readonly GateView[]
  readonly timeline: readonly TimelineEntry[]
}

export interface StageView {
  readonly stage: StageName
  readonly title: string
  readonly role: Role | null
  readonly state: 'ahead' | 'current' | 'passed'
  readonly runs: number
  readonly ms: Millis
}

export interface RunView {
  readonly id: RunId
  readonly kind: RunKind
  readonly role: Role | null
  readonly stage: StageName
  readonly state: 'ready' | 'admitted' | 'cancelling' | 'done' | 'failed' | 'lost' | 'cancelled'
  readonly readyAt: Millis
  readonly notBefore: Millis
  readonly startedAt: Millis | null
  readonly endedAt: Millis | null
  readonly sentence: string | null
  readonly usage: Usage | null
  /** Of an agent's run, once it was begun. */
  readonly agent: RunAgentView | null
}

/** What an agent was given and why, and what came of it. `choice` holds no guess: null is the agent's own default. */
export interface RunAgentView extends AgentChoice {
  readonly runtime: string
  /** Models that really answered; empty while it is under way, and where nothing was told. */
  readonly models: readonly string[]
  /** The chosen model is not among those that answered. */
  readonly fellBack: boolean
  /** Run whose conversation it goes on with. */
  readonly resumes: RunId | null
}

export interface ArtefactView {
  readonly name: string
  readonly path: string
  readonly sha: Sha | null
  readonly run: RunId
  readonly problem: string | null
}

export interface GateView {
  readonly stage: StageName
  readonly gate: string
  readonly describe: string
  readonly verdict: 'pass' | 'fail' | 'pending' | 'human'
  readonly sentence: string
  readonly sha: Sha | null
  readonly at: Millis
}

/** One line of a task's story, oldest first. */
export interface TimelineEntry {
  readonly id: number
  readonly at: Millis
  readonly is: 'event' | 'verdict' | 'moved' | 'held' | 'note' | 'comment' | 'run'
  readonly title: string
  readonly text: string | null
  readonly by: string | null
  readonly tone: 'plain' | 'good' | 'bad' | 'waiting'
  readonly run: RunId | null
}

/** `GET /queue`: why everything that waits, waits. Blocks of later work are present and empty until it is there. */
export interface QueueView {
  readonly at: Millis
  readonly jobs: { readonly ready: number; readonly admitted: number; readonly cancelling: number }
  readonly runs: readonly {
    readonly run: RunId
    readonly task: string
    readonly kind: RunKind
    readonly role: Role | null
    readonly state: string
    readonly host: string | null
    readonly since: Millis
    readonly why: string | null
  }[]
  readonly gates: readonly { readonly task: string; readonly gate: string; readonly sentence: string }[]
  readonly serial_gate: {
    readonly enabled: boolean
    readonly lanes: readonly {
      readonly repo: string
      readonly owner: string | null
      readonly waiting: readonly { readonly task: string; readonly position: number; readonly why: string }[]
    }[]
  }
  readonly freeze: readonly {
    readonly repo: string
    readonly reason: string
    readonly by: string
    readonly since: Millis
    readonly until: Millis | null
  }[]
  readonly dependencies: readonly unknown[]
  readonly stop: readonly {
    readonly task: string
    readonly by: string
    readonly since: Millis
    readonly sentence: string
  }[]
  /** Runs of open tasks that were lost with their host and made anew. */
  readonly reaper: { readonly lost: number }
  readonly breakers: readonly BreakerView[]
  readonly leases: readonly { readonly repo: string; readonly task: string; readonly fence: number }[]
  readonly watch: readonly unknown[]
  /** Outside writes: on their way, begun by somebody who is gone, refused. */
  readonly effects: { readonly pending: number; readonly unknown: number; readonly failed: number }
}

/** Whether a provider of models is asked now. Those that never had trouble are not listed. */
export interface BreakerView {
  readonly provider: string
  readonly state: Breaker['is']
  /** What opened it; null while it is closed, as are the next three. */
  readonly why: string | null
  readonly since: Millis | null
  /** Nobody asks before; null also while it is tried. */
  readonly until: Millis | null
  /** The one run that tries whether it works again. */
  readonly probe: RunId | null
  readonly sentence: string
}

/** `GET /api/usage`: sums of agents' runs begun in `[from, to)`, largest cost first, days the newest first. */
export interface UsageView {
  readonly by: UsageBy
  readonly from: Millis
  readonly to: Millis
  readonly project: string | null
  readonly rows: readonly UsageRow[]
  readonly total: Omit<UsageRow, 'name'>
}

export interface UsageRow {
  readonly name: string
  readonly runs: number
  /** Of the runs that have ended. */
  readonly ms: Millis
  readonly usage: Usage
}

/** `GET /api/me`: what the reader may do, and where it stands. */
export interface MeView {
  readonly name: string | null
  readonly canWrite: boolean
  readonly version: string
  readonly projects: readonly { readonly id: string; readonly title: string; readonly repo: string }[]
  /** Things that must be seen on every page: sandbox off, guards off, the scripted runtime. */
  readonly warnings: readonly string[]
}

/** A change notice of `GET /api/events` (SSE `event: change`): what to read anew, not the state itself. */
export interface ChangeNotice {
  readonly id: number
  readonly task: string | null
  readonly kind: string
}

/** Body of every error answer. */
export interface ProblemView {
  readonly error: string
}
