/** Watches one run's budget while it works: the run's own figures from its stream, the others' from the store. */
import type { Usage } from '#core/model.ts'
import { estimated, type OverBudget, overBudget, type Prices, type SpendingLimits } from '#core/spending.ts'
import { addUsage } from '#core/usage.ts'
import type { Millis } from '#core/words.ts'
import type { RunRow, Store } from './ports/store.ts'
import type { Clock } from './ports/world.ts'

const DAY_MS = 24 * 60 * 60_000
/** How old the others' figures may be, and how often ours are shown to them. */
const REFRESH_MS = 5_000

/** Budgets per day are for days of UTC. */
export const startOfDay = (at: Millis): Millis => at - (at % DAY_MS)
export const nextDay = (at: Millis): Millis => startOfDay(at) + DAY_MS

export interface SpendingWatch {
  /** The run's usage so far; resolves with the limit that is reached, if any. */
  heard(usage: Usage, model: string | null): Promise<OverBudget | null>
  /** What the run's last figures come to. */
  judge(usage: Usage): Promise<OverBudget | null>
}

export function watchSpending(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  run: Pick<RunRow, 'id' | 'task'>,
  { spending: limits, prices }: { readonly spending: SpendingLimits; readonly prices: Prices },
  allowances: number,
): SpendingWatch {
  let others: { readonly task: Usage; readonly day: Usage } = { task: {}, day: {} }
  let readAt: Millis | null = null

  const judge = async (usage: Usage): Promise<OverBudget | null> => {
    const now = clock.now()
    if (readAt === null || now - readAt >= REFRESH_MS) {
      readAt = now
      others = await store.reads.spending({ since: startOfDay(now), task: run.task, except: run.id })
    }
    return overBudget(
      { run: usage, task: addUsage(others.task, usage), day: addUsage(others.day, usage) },
      limits,
      allowances,
    )
  }
  let shownAt: Millis = Number.NEGATIVE_INFINITY
  return {
    judge,
    async heard(usage, model) {
      const now = clock.now()
      if (now - shownAt >= REFRESH_MS) {
        shownAt = now
        await store.transaction((tx) => tx.updateRun(run.id, ['admitted'], { usage }))
      }
      return judge(estimated(usage, model, prices))
    },
  }
}
