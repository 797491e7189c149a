/** A coding agent behind one seam. No agent's own word appears here. */
import type { AgentChoice, NameRules } from '#core/agent-choice.ts'

export type { NameRules } from '#core/agent-choice.ts'

import type { Failure, Usage } from '#core/model.ts'
import type { Role, RunId } from '#core/words.ts'
import type { ProcessIdentity, StopReason } from './processes.ts'
import type { Workspace } from './repositories.ts'

export interface AgentSpec {
  readonly run: RunId
  readonly role: Role
  readonly workspace: Workspace
  readonly prompt: Prompt
  /** Resolved and checked; null is left to the agent's own default. */
  readonly choice: Pick<AgentChoice, 'model' | 'effort' | 'fallback'>
  readonly limits: { readonly timeoutMs: number; readonly stallMs: number; readonly graceMs: number }
  /** Hosts that the run may reach beside its model, as `registry.example.org` or `*.example.org`. */
  readonly egress: readonly string[]
  /** An earlier run's conversation to go on with; a runtime that cannot starts afresh from the prompt. */
  readonly resume:
    | (Session & { /** What the conversation is told then, instead of the whole prompt. */ readonly text: string })
    | null
}

/** What the agent is told. `text` is what a model reads; the rest are the same facts for a program. */
export interface Prompt {
  readonly text: string
  /** Standing rules of the house, told apart from the task where the agent can. */
  readonly rules: string
  readonly task: { readonly key: string; readonly title: string; readonly description: string; readonly folder: string }
  /** Path of the document it owes, from the checkout's root; null where it owes none. */
  readonly artefact: string | null
  readonly notes: readonly string[]
}

/** A conversation that can be gone on with, and what it had used by its end (some agents count on from there). */
export interface Session {
  readonly run: RunId
  readonly id: string
  readonly usage: Usage
}

export type AgentEvent =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'tool'; readonly name: string; readonly detail: string }
  /** This run's usage so far, never falling. */
  | { readonly is: 'usage'; readonly usage: Usage }
  /** The provider makes it wait, or it goes on with another model: `sentence` says so to a person. */
  | { readonly is: 'provider'; readonly what: 'retry' | 'fallback'; readonly sentence: string }
  /** One line as it came, complete but for a bound. Every line is told so, also those told otherwise, too. */
  | { readonly is: 'raw'; readonly line: string }

/** `usage` is this run's own, and absent where nothing is known. `models` are those that really answered. */
export type AgentResult = { readonly usage: Usage; readonly models: readonly string[] } & (
  | { readonly is: 'completed'; readonly text: string }
  | { readonly is: 'asked'; readonly question: string; readonly session: Session | null }
  | { readonly is: 'failed'; readonly failure: Failure }
  | { readonly is: 'stopped'; readonly reason: StopReason }
)

export interface AgentRun {
  readonly process: ProcessIdentity
  /** Bounded: a reader that is too slow misses the oldest. */
  readonly events: AsyncIterable<AgentEvent>
  /** Resolves when the whole process tree is verified gone; never rejects. */
  readonly result: Promise<AgentResult>
  stop(reason: StopReason): void
}

export type Probe =
  | { readonly ok: true; readonly version: string; readonly notes: readonly string[] }
  | { readonly ok: false; readonly sentence: string }

export interface AgentRuntime {
  readonly name: string
  /** Whose overload, refusal or limit concerns every run of it; null where there is nobody outside. */
  readonly provider: string | null
  readonly names: NameRules
  /** Whether it can work here: version, or the sentence that says what is missing. */
  probe(): Promise<Probe>
  start(spec: AgentSpec): AgentRun
}
