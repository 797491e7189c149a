/** How long to wait before the next try, and whether there is one. */
import type { BudgetName, Task } from './model.ts'
import type { Policy } from './policy.ts'

/** No server may park a task longer than this, whatever its Retry-After says. */
export const LONGEST_WAIT_MS = 6 * 60 * 60_000

/** An account's limit is lifted within its longest period, a week; a later time is an error. */
export const LONGEST_LIMIT_MS = 8 * 24 * 60 * 60_000

/** A limit that is told as lifted already is tried again after a breath, not at once for ever. */
export const SHORTEST_LIMIT_MS = 60_000

/** `min(2^n · base, max)` or what the server asked for, whichever is longer. `tries` counts from 0. Milliseconds. */
export function backoffMs(tries: number, { backoff }: Pick<Policy, 'backoff'>, retryAfterMs?: number): number {
  const own = Math.min(2 ** Math.min(tries, 30) * backoff.baseMs, backoff.maxMs)
  const asked =
    retryAfterMs !== undefined && Number.isFinite(retryAfterMs)
      ? Math.min(Math.max(retryAfterMs, 0), LONGEST_WAIT_MS)
      : 0
  return Math.max(own, asked)
}

/** Is one more use of this budget allowed? `used` counts what was spent before. */
export const allows = (task: Task, policy: Policy, name: BudgetName): boolean =>
  task.used[name] < policy.limits[name] + task.granted[name]

export const spend = (task: Task, name: BudgetName): Task => ({
  ...task,
  used: { ...task.used, [name]: task.used[name] + 1 },
})

export const grant = (task: Task, name: BudgetName): Task => ({
  ...task,
  granted: { ...task.granted, [name]: task.granted[name] + 1 },
})
