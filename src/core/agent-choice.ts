/** Which model, effort and fallback a run gets, and why. */

export const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const
export type Effort = (typeof EFFORTS)[number]

/** What a run was given; null is left to the agent's own default. `reasons` are sentences, one per part and per refusal. */
export interface AgentChoice {
  readonly model: string | null
  readonly effort: Effort | null
  readonly fallback: string | null
  readonly reasons: readonly string[]
}
