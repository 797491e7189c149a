/** What a project decided: everything `decide` needs to know that is neither the task nor the event. */
import type { Budget } from './model.ts'
import type { Millis } from './words.ts'

export interface Policy {
  readonly approval: 'person' | 'auto'
  /** CI contexts that must be green on the pinned head; empty means CI is not configured. */
  readonly requiredContexts: readonly string[]
  readonly ciDeadlineMs: Millis
  readonly staging: boolean
  readonly production: boolean
  readonly limits: Budget
  readonly backoff: { readonly baseMs: Millis; readonly maxMs: Millis }
  /** Whether people can end tasks. Off: STOP has no meaning, from whatever side it comes. */
  readonly stop: boolean
}

/** Source: the pipeline's budgets as the product's design states them. */
export const defaultPolicy: Policy = {
  approval: 'person',
  requiredContexts: [],
  ciDeadlineMs: 60 * 60_000,
  staging: false,
  production: false,
  limits: { attempts: 3, reworks: 5, transients: 8, crashes: 10, refreshes: 3 },
  backoff: { baseMs: 5_000, maxMs: 15 * 60_000 },
  stop: true,
}
