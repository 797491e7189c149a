/** Budgets of money and tokens, per run, per task and per day: judged while a run is under way, and when it has ended. */
import type { Usage } from './model.ts'

/** Absent is unlimited. Tokens are all classes together: input, output, read from and written to the cache. */
export interface SpendingLimit {
  readonly softUsd?: number | undefined
  readonly hardUsd?: number | undefined
  readonly softTokens?: number | undefined
  readonly hardTokens?: number | undefined
}

export const SCOPES = ['run', 'task', 'day'] as const
export type Scope = (typeof SCOPES)[number]
export type SpendingLimits = Readonly<Record<Scope, SpendingLimit>>
/** What was used so far, the run that is judged included. */
export type Spending = Readonly<Record<Scope, Usage>>

export interface OverBudget {
  readonly level: 'soft' | 'hard'
  readonly scope: Scope
  readonly sentence: string
}

/** Dollars per million tokens. */
export interface Price {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
}
/** By the beginning of a model's name; `*` is any. The longest that fits counts. */
export type Prices = Readonly<Record<string, Price>>

/**
 * What tokens come to where their cost is not told yet, so that a budget of money can end a run in the middle. For the
 * judgement alone: it is neither stored nor shown. Without a price the usage as it is.
 */
export function estimated(usage: Usage, model: string | null, prices: Prices): Usage {
  const name = Object.keys(prices)
    .filter((key) => key === '*' || model?.startsWith(key))
    .sort((a, b) => b.length - a.length || (a === '*' ? 1 : -1))[0]
  const price = name === undefined ? undefined : prices[name]
  if (usage.costUsd !== undefined || price === undefined) return usage
  const { input = 0, output = 0, cacheRead = 0, cacheCreation = 0 } = usage
  const sum =
    input * price.input + output * price.output + cacheRead * price.cacheRead + cacheCreation * price.cacheWrite
  return { ...usage, costUsd: sum / 1_000_000 }
}

export const tokensOf = ({ input, output, cacheRead, cacheCreation }: Usage): number =>
  (input ?? 0) + (output ?? 0) + (cacheRead ?? 0) + (cacheCreation ?? 0)

/**
 * The heaviest limit that was reached, or null. `granted` is how often a person said to go on: each time the limits grow
 * by once their size for this task; the day's hard one does not, it is the team's.
 */
export function overBudget(spending: Spending, limits: SpendingLimits, granted: number): OverBudget | null {
  const found = SCOPES.flatMap((scope) => {
    return judgeScope(scope, spending[scope], limits[scope], 1 + granted)
  })
  return found.find(({ level }) => level === 'hard') ?? found[0] ?? null
}

const OF: Readonly<Record<Scope, string>> = { run: 'by this run', task: 'by this task', day: 'today' }

function judgeScope(scope: Scope, usage: Usage, limits: SpendingLimit, factor: number): OverBudget[] {
  const measures = [
    { spent: usage.costUsd ?? 0, soft: limits.softUsd, hard: limits.hardUsd, show: (n: number) => `$${n.toFixed(2)}` },
    {
      spent: tokensOf(usage),
      soft: limits.softTokens,
      hard: limits.hardTokens,
      show: (n: number) => `${Math.round(n)} tokens`,
    },
  ]
  return measures.flatMap(({ spent, soft, hard, show }): OverBudget[] => {
    for (const [level, limit] of [
      ['hard', hard === undefined ? undefined : scope === 'day' ? hard : hard * factor],
      ['soft', soft === undefined ? undefined : soft * factor],
    ] as const)
      if (limit !== undefined && spent >= limit)
        return [
          { level, scope, sentence: `${show(spent)} were used ${OF[scope]}; the ${level} limit is ${show(limit)}` },
        ]
    return []
  })
}
