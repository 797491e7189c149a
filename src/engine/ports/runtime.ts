/** A coding agent behind one seam. No agent's own word appears here. */
import type { Failure, Usage } from '#core/model.ts'
import type { Role, RunId } from '#core/words.ts'
import type { ProcessIdentity, StopReason } from './processes.ts'
import type { Workspace } from './repositories.ts'

export interface AgentSpec {
  readonly run: RunId
  readonly role: Role
  readonly workspace: Workspace
  readonly prompt: Prompt
  readonly limits: { readonly timeoutMs: number; readonly stallMs: number; readonly graceMs: number }
}

/** What the agent is told. `text` is what a model reads; the rest are the same facts for a program. */
export interface Prompt {
  readonly text: string
  readonly task: { readonly key: string; readonly title: string; readonly description: string; readonly folder: string }
  /** Path of the document it owes, from the checkout's root; null where it owes none. */
  readonly artefact: string | null
  readonly notes: readonly string[]
}

export type AgentEvent =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'tool'; readonly name: string; readonly detail: string }
  | { readonly is: 'usage'; readonly usage: Usage }
  | { readonly is: 'raw'; readonly line: string }

export type AgentResult =
  | { readonly is: 'completed'; readonly usage: Usage; readonly text: string }
  | { readonly is: 'asked'; readonly usage: Usage; readonly question: string }
  | { readonly is: 'failed'; readonly usage: Usage; readonly failure: Failure }
  | { readonly is: 'stopped'; readonly usage: Usage; readonly reason: StopReason }

export interface AgentRun {
  readonly process: ProcessIdentity
  readonly events: AsyncIterable<AgentEvent>
  /** Resolves when the whole process tree is verified gone; never rejects. */
  readonly result: Promise<AgentResult>
  stop(reason: StopReason): void
}

export interface AgentRuntime {
  readonly name: string
  /** Whether it can work here: version, or the sentence that says what is missing. */
  probe(): Promise<{ readonly ok: true; readonly version: string } | { readonly ok: false; readonly sentence: string }>
  start(spec: AgentSpec): AgentRun
}
