/** What a run used, from whoever said it best: the CLI's result, the gateway's ledger, or the answers as they went by. */
import type { Usage } from '#core/model.ts'
import { addUsage } from '#core/usage.ts'
import type { Ledger } from '#engine/ports/gateway.ts'
import type { ResultLine, Tokens } from './messages.ts'

const COUNTED = ['input', 'output', 'cacheRead', 'cacheCreation'] as const

/** The whole conversation's, earlier runs included; null where the result names no model. Without a price where one was guessed. */
export function conversationUsage({ byModel }: ResultLine): Usage | null {
  const models = Object.values(byModel)
  if (models.length === 0) return null
  const tokens = models.map(({ costUsd: _, ...one }) => one).reduce<Usage>(addUsage, {})
  const costs = models.flatMap(({ costUsd }) => (costUsd === null ? [] : [costUsd]))
  return costs.length < models.length ? tokens : { ...tokens, costUsd: costs.reduce((sum, cost) => sum + cost, 0) }
}

/** Money in sums of binary fractions: what is smaller than this is nothing. */
const DUST_USD = 1e-9

/**
 * What came on top of `prior`, which the conversation had used before. Null where the totals are below it: whatever they
 * count then, it is not this.
 */
export function sinceThen(total: Usage, prior: Usage | null): Usage | null {
  if (prior === null) return total
  const own: Record<string, number> = {}
  for (const name of COUNTED) {
    const tokens = (total[name] ?? 0) - (prior[name] ?? 0)
    if (tokens < 0) return null
    own[name] = tokens
  }
  if (total.costUsd === undefined || prior.costUsd === undefined) return own
  const costUsd = total.costUsd - prior.costUsd
  return costUsd < -DUST_USD ? null : { ...own, costUsd: Math.max(0, costUsd) }
}

/** Exact, without a price. Null where nothing was answered. */
export function ledgerUsage(ledger: Ledger | null): Usage | null {
  const models = Object.values(ledger?.byModel ?? {})
  return models.length === 0 ? null : models.reduce(addUsage, {})
}

/** Of the messages that went by, each with its last count. Null where there were none. */
export const streamUsage = (messages: ReadonlyMap<string, Tokens>): Usage | null =>
  messages.size === 0 ? null : [...messages.values()].reduce<Usage>(addUsage, {})

export interface UsageFacts {
  readonly result: ResultLine | null
  readonly prior: Usage | null
  readonly ledger: Ledger | null
  readonly messages: ReadonlyMap<string, Tokens>
  readonly turns: number | null
  readonly model: string | null
  readonly sessionId: string | null
}

/** This run's own; what nobody said is absent. */
export function runUsage({ result, prior, ledger, messages, turns, model, sessionId }: UsageFacts): Usage {
  const total = result === null ? null : conversationUsage(result)
  const own = (total === null ? null : sinceThen(total, prior)) ?? ledgerUsage(ledger) ?? streamUsage(messages) ?? {}
  return {
    ...own,
    ...(turns === null ? {} : { turns }),
    ...(model === null ? {} : { model }),
    ...(sessionId === null ? {} : { sessionId }),
  }
}

/** Counters as they are told while a run is under way: a later source may know less than an earlier one. */
export function notFalling(before: Usage, now: Usage): Usage {
  const most: Record<string, number> = {}
  for (const name of [...COUNTED, 'costUsd'] as const) {
    const values = [before[name], now[name]].filter((value) => value !== undefined)
    if (values.length > 0) most[name] = Math.max(...values)
  }
  return { ...before, ...now, ...most }
}
