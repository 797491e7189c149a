/** Adding up what runs used. A number that no run reported stays absent: it is never guessed as zero. */
import type { Spent, Usage } from './model.ts'
import type { Role } from './words.ts'

const COUNTED = ['input', 'output', 'cacheRead', 'cacheCreation', 'costUsd', 'turns'] as const

export function addUsage(a: Usage, b: Usage): Usage {
  const sum: Record<string, number> = {}
  for (const key of COUNTED) {
    const [x, y] = [a[key], b[key]]
    if (x !== undefined || y !== undefined) sum[key] = (x ?? 0) + (y ?? 0)
  }
  return sum
}

export function spendOf(
  spent: Readonly<Partial<Record<Role, Spent>>>,
  role: Role,
  usage: Usage | undefined,
): Readonly<Partial<Record<Role, Spent>>> {
  const before = spent[role] ?? { runs: 0, usage: {} }
  return { ...spent, [role]: { runs: before.runs + 1, usage: addUsage(before.usage, usage ?? {}) } }
}

export const totalOf = (spent: Readonly<Partial<Record<Role, Spent>>>): Spent =>
  Object.values(spent).reduce<Spent>(
    (sum, one) => ({ runs: sum.runs + one.runs, usage: addUsage(sum.usage, one.usage) }),
    { runs: 0, usage: {} },
  )

/** `45.2k in (38.1k cached) / 12.1k out · $0.21`: *in* is input + cache read + cache creation, *cached* the latter two. */
export function describeUsage(usage: Usage): string {
  const cached = (usage.cacheRead ?? 0) + (usage.cacheCreation ?? 0)
  const parts: string[] = []
  if (usage.input !== undefined || usage.output !== undefined || cached > 0) {
    parts.push(
      `${count((usage.input ?? 0) + cached)} in${cached > 0 ? ` (${count(cached)} cached)` : ''} / ${count(usage.output ?? 0)} out`,
    )
  }
  if (usage.costUsd !== undefined) parts.push(`$${usage.costUsd.toFixed(2)}`)
  return parts.length > 0 ? parts.join(' · ') : 'no usage reported'
}

const count = (tokens: number): string => (tokens < 1000 ? String(tokens) : `${(tokens / 1000).toFixed(1)}k`)
