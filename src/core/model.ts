/** The shapes of the domain. Types only: no behaviour, no defaults. */
import type { AgentWish } from './agent-choice.ts'
import type { Evidence, Facts } from './evidence.ts'
import type { HoldExit, HoldReason } from './holds.ts'
import type {
  ArtefactName,
  Millis,
  Role,
  RunId,
  RunKind,
  Sha,
  StageName,
  TaskId,
  TrackerStatus,
  Voice,
} from './words.ts'

/** What we know of the tracker's work item. `digest` changes when its title or description does. */
export interface WorkItemFacts {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly digest: string
}

/** Where in its stage a task is. A closed union: no other combination can be said. */
export type Phase =
  | { readonly is: 'ready'; readonly run: RunId; readonly since: Millis }
  | { readonly is: 'running'; readonly run: RunId; readonly since: Millis }
  | { readonly is: 'gated'; readonly since: Millis; readonly on: string }
  | { readonly is: 'waiting'; readonly since: Millis; readonly on: Wait; readonly sentence: string }
  | {
      readonly is: 'held'
      readonly since: Millis
      readonly reason: HoldReason
      readonly sentence: string
      readonly shown?: string
    }
  | { readonly is: 'final'; readonly since: Millis }

/** Whom or what a waiting task waits for: the serial gate, a person's approval, processes that are being ended. */
export type Wait = 'let-in' | 'approval' | 'processes'

/** What was used up so far. `attempts` counts per visit of a stage; the others span the whole task. */
export interface Budget {
  readonly attempts: number
  readonly reworks: number
  readonly transients: number
  readonly crashes: number
  readonly refreshes: number
}
export type BudgetName = keyof Budget

/** From the merge's intent to the production verdict. `merge` is known once the forge has merged. */
export interface Window {
  readonly run: RunId
  readonly since: Millis
  readonly head: Sha
  readonly merge: Sha | null
}

/** One work item's way through the pipeline. */
export interface Task {
  readonly id: TaskId
  readonly project: string
  readonly repo: string
  readonly number: number
  readonly key: string
  readonly branch: string
  readonly item: WorkItemFacts
  readonly stage: StageName
  /** Index into the stage's steps. */
  readonly step: number
  /** Number of the stage visit; grows with every move, never falls. */
  readonly visit: number
  readonly phase: Phase
  /** Owns its repository's lane (meaningful while the serial gate is on). */
  readonly lane: boolean
  /** Number of the last run made; run ids derive from it. */
  readonly runs: number
  readonly used: Budget
  /** What people granted on top of the limits with `retry`. */
  readonly granted: Budget
  /** How often a person let it spend beyond its limits of money and tokens. */
  readonly allowances: number
  readonly evidence: Evidence
  /** The heads whose content is the same but for this task's artefacts and base changes under `docs/tasks/`; the last is the branch's head. Empty until the branch is cut. */
  readonly lineage: readonly Sha[]
  /** Base commit that the branch is known to contain. */
  readonly base: Sha | null
  readonly window: Window | null
  readonly stop: { readonly by: string; readonly at: Millis } | null
  /** A cancelled run whose processes are not verified dead yet; the task does not end before they are. */
  readonly ending: RunId | null
  /** What the next run must know: reasons of a rework, of a failed attempt, a person's answer. */
  readonly notes: readonly string[]
  /** Model, effort and fallback that a person set for this task, and for its next agent run alone. */
  readonly agent: { readonly wish: AgentWish; readonly once: AgentWish | null }
  /** Usage so far by role, and how many agent runs it took. */
  readonly spent: Readonly<Partial<Record<Role, Spent>>>
}

export interface Spent {
  readonly runs: number
  readonly usage: Usage
}

/** Tokens as disjoint classes, and cost; absent means the runtime did not say, never zero. */
export interface Usage {
  readonly input?: number
  readonly output?: number
  readonly cacheRead?: number
  readonly cacheCreation?: number
  readonly costUsd?: number
  readonly turns?: number
  readonly model?: string
  readonly sessionId?: string
}

export type FailureClass = 'transient' | 'permanent'
/**
 * Machine words of failures. Of the provider: `rate-limit` (429), `overloaded` (529), `server` (5xx), `network`, `auth`
 * (401, 403, no credential, billing), `usage-limit` (the account's, until `until`). Of the agent: `context-too-long`,
 * `no-result`, `garbage-result`, `refused`, `model` (no such model), `max-turns`, `crashed`, `missing` (program not there).
 * Of the watchdog: `timed-out`, `stalled`, `budget`. Of what it left: `secret`, `symlink`,
 * `submodule`, `too-large`, `out-of-scope`, and the codes of `Collected`. Of Orch: `infrastructure`, `bug`, `day-budget`.
 */
export interface Failure {
  readonly class: FailureClass
  readonly code: string
  readonly sentence: string
  /** What the server asked for, in milliseconds. */
  readonly retryAfterMs?: number
  /** When an account's limit is lifted. */
  readonly until?: Millis
}

/** A fact that happened to one task. `at` is when Orch took it up; `said` is when a person said it, in the tracker's clock. */
export type Event =
  | { readonly type: 'opened'; readonly at: Millis; readonly by: string }
  | { readonly type: 'let-in'; readonly at: Millis }
  | {
      readonly type: 'run-started'
      readonly at: Millis
      readonly run: RunId
      readonly role: Role | null
      readonly host: string
    }
  | {
      readonly type: 'run-finished'
      readonly at: Millis
      readonly run: RunId
      readonly role: Role | null
      readonly facts: Facts
      readonly usage?: Usage
      /** A soft limit was reached: the task asks before it goes on. */
      readonly overBudget?: string
    }
  | {
      readonly type: 'run-failed'
      readonly at: Millis
      readonly run: RunId
      readonly role: Role | null
      readonly failure: Failure
      readonly facts?: Facts
      readonly usage?: Usage
    }
  | {
      readonly type: 'run-asked'
      readonly at: Millis
      readonly run: RunId
      readonly role: Role | null
      readonly question: string
      readonly facts: Facts
      readonly usage?: Usage
    }
  /** The host died, or handed the run back before its work had an effect: nobody's fault, a new run is made. */
  | {
      readonly type: 'run-lost'
      readonly at: Millis
      readonly run: RunId
      readonly why: string
      readonly counts: boolean
      readonly used?: UsedBy
    }
  | { readonly type: 'run-stopped'; readonly at: Millis; readonly run: RunId; readonly used?: UsedBy }
  | { readonly type: 'observed'; readonly at: Millis; readonly facts: Facts }
  | { readonly type: 'effect-failed'; readonly at: Millis; readonly effect: string; readonly sentence: string }
  | { readonly type: 'window-opened'; readonly at: Millis; readonly run: RunId; readonly head: Sha }
  | { readonly type: 'pr-merged'; readonly at: Millis; readonly by: string; readonly head: Sha; readonly merge: Sha }
  | { readonly type: 'pr-closed'; readonly at: Millis; readonly by: string }
  | { readonly type: 'item-edited'; readonly at: Millis; readonly item: WorkItemFacts }
  /** `subject` is what was shown to the person; where that is unknown, `said` is when they said it. */
  | {
      readonly type: 'approved'
      readonly at: Millis
      readonly by: string
      readonly subject?: string
      readonly said?: Millis
    }
  | { readonly type: 'rework'; readonly at: Millis; readonly by: string; readonly why: string; readonly to?: StageName }
  | { readonly type: 'retry'; readonly at: Millis; readonly by: string; readonly wish?: AgentWish }
  | { readonly type: 'agent-set'; readonly at: Millis; readonly by: string; readonly wish: AgentWish }
  | { readonly type: 'answered'; readonly at: Millis; readonly by: string; readonly text: string }
  | { readonly type: 'stop'; readonly at: Millis; readonly by: string; readonly said?: Millis }
  | { readonly type: 'deadline'; readonly at: Millis; readonly name: DeadlineName; readonly visit: number }

/** What an agent had used when its run was ended from outside: it is paid for all the same. */
export interface UsedBy {
  readonly role: Role
  readonly usage: Usage
}

export type DeadlineName = 'ci'

/** The people's events: each is answered, and refused with a sentence where the task is not open to it. */
export type PersonEvent = Extract<Event, { by: string }>

/** An order to the engine. Effects are the outside writes among them; each carries the key that makes it repeatable. */
export type Command =
  | {
      readonly type: 'start-run'
      readonly run: RunId
      readonly kind: RunKind
      readonly role: Role | null
      readonly target: DeployTarget | null
      readonly artefact: ArtefactName | null
      readonly notBefore: Millis
    }
  | { readonly type: 'cancel-run'; readonly run: RunId }
  | { readonly type: 'set-deadline'; readonly name: DeadlineName; readonly due: Millis; readonly visit: number }
  | { readonly type: 'log'; readonly entry: LogEntry }
  | { readonly type: 'drop-effects' }
  | { readonly type: 'freeze'; readonly reason: string }
  | Effect

export type DeployTarget = 'staging' | 'production'

/** An outside write. `key` is unique over all time. */
export type Effect =
  | { readonly type: 'comment'; readonly key: string; readonly voice: Voice; readonly text: string }
  | { readonly type: 'show-status'; readonly key: string; readonly status: TrackerStatus }
  | { readonly type: 'push-branch'; readonly key: string; readonly sha: Sha }
  | { readonly type: 'ensure-pr'; readonly key: string; readonly sha: Sha }
  | { readonly type: 'close-pr'; readonly key: string; readonly text: string }
  | { readonly type: 'settle-merge'; readonly key: string; readonly head: Sha }
  | { readonly type: 'delete-branch'; readonly key: string }
  | { readonly type: 'salvage'; readonly key: string }
  | { readonly type: 'remove-workspace'; readonly key: string }
export type EffectType = Effect['type']

/** What people read in a task's timeline, besides the events themselves. */
export type LogEntry =
  | {
      readonly is: 'verdict'
      readonly gate: string
      readonly verdict: 'pass' | 'fail' | 'pending' | 'human'
      readonly sentence: string
      readonly sha: Sha | null
    }
  | { readonly is: 'moved'; readonly from: StageName; readonly to: StageName; readonly why: string }
  | { readonly is: 'held'; readonly reason: HoldReason; readonly sentence: string; readonly exits: readonly HoldExit[] }
  | { readonly is: 'note'; readonly sentence: string }

/** `refused` answers a person: nothing was changed, and why. */
export interface Decision {
  readonly task: Task
  readonly commands: readonly Command[]
  readonly refused?: string
}
