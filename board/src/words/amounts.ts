import type { Usage } from '../../../src/core/model.ts'

/** Tokens that went in, those of the cache included. Undefined: no run reported any. */
export const tokensIn = (usage: Usage): number | undefined =>
  usage.input === undefined && usage.cacheRead === undefined && usage.cacheCreation === undefined
    ? undefined
    : (usage.input ?? 0) + (cached(usage) ?? 0)

/** The part of it that came from the cache or went into it. */
export const cached = ({ cacheRead, cacheCreation }: Usage): number | undefined =>
  cacheRead === undefined && cacheCreation === undefined ? undefined : (cacheRead ?? 0) + (cacheCreation ?? 0)

/** `940`, `45.2k`, `3.1M`; a dash for what was not reported, never a zero. */
export function tokens(count: number | undefined): string {
  if (count === undefined) return '–'
  if (count < 1_000) return String(count)
  return count < 999_950 ? `${(count / 1_000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`
}

export const dollars = (usd: number | undefined): string => (usd === undefined ? '–' : `$${usd.toFixed(2)}`)

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

export const short = (sha: string): string => sha.slice(0, 10)

/** `45.2k in (38.1k cached) / 12.1k out · $0.21`, as in Orch's comments. */
export function describeUsage(usage: Usage): string {
  const fromCache = cached(usage) ?? 0
  const parts = [
    ...(tokensIn(usage) === undefined && usage.output === undefined
      ? []
      : [
          `${tokens(tokensIn(usage))} in${fromCache > 0 ? ` (${tokens(fromCache)} cached)` : ''} / ${tokens(usage.output)} out`,
        ]),
    ...(usage.costUsd === undefined ? [] : [dollars(usage.costUsd)]),
  ]
  return parts.length > 0 ? parts.join(' · ') : 'no usage reported'
}
