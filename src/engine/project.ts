/** What the engine knows of a project beside its rules: how to work on its repository. Made from the configuration. */

import type { WishLevel } from '#core/agent-choice.ts'
import type { Prompts } from '#core/prompt.ts'
import type { Prices, SpendingLimits } from '#core/spending.ts'
import type { Role } from '#core/words.ts'
import type { Author } from './ports/repositories.ts'
import type { AgentRuntime } from './ports/runtime.ts'

export interface Project {
  readonly id: string
  readonly repo: string
  /** The repository's own check command, for `sh -c`, run on a clean checkout. */
  readonly check: { readonly command: string; readonly timeoutMs: number }
  /** Glob patterns of files that no task changes without a person's word. */
  readonly protectedPaths: readonly string[]
  readonly sandbox: 'on' | 'off'
  readonly runtime: (role: Role) => AgentRuntime
  /** What was set for the role, from the most special level to the most general; the task's own wishes come before. */
  readonly wishes: (role: Role) => readonly WishLevel[]
  readonly limits: (role: Role) => { readonly timeoutMs: number; readonly stallMs: number; readonly graceMs: number }
  readonly spending: SpendingLimits
  readonly prices: Prices
  /** Templates of prompts, and the house rules; empty where there are none. */
  readonly house: { readonly prompts: Prompts; readonly rules: string }
  /** Hosts that runs of the role may reach beside their model. */
  readonly egress: (role: Role) => readonly string[]
  readonly author: (role: Role | 'orch') => Author
}

export type ProjectOf = (id: string) => Project
