/** From the CLI's and the gateway's numbers to ours: classes that do not overlap, of this run alone, or absent. */
import type { Usage } from '#core/model.ts'
import type { Ledger } from '#engine/ports/gateway.ts'
import type { CodexUsage } from './events.ts'

const CLASSES = ['input', 'output', 'cacheRead', 'cacheCreation'] as const

const perClass = (value: (name: (typeof CLASSES)[number]) => number | undefined): Usage =>
  Object.fromEntries(
    CLASSES.flatMap((name) => {
      const tokens = value(name)
      return tokens === undefined ? [] : [[name, tokens]]
    }),
  )

/** Of the whole session so far. */
export function sessionUsage({ input, cached, cacheWrite, output }: CodexUsage): Usage {
  const classes = {
    input: input === undefined ? undefined : Math.max(0, input - (cached ?? 0) - (cacheWrite ?? 0)),
    output,
    cacheRead: cached,
    cacheCreation: cacheWrite,
  }
  return perClass((name) => classes[name])
}

/** What a resumed session has used since `before`; a class that was not known before is not known now. */
export const usageSince = (before: Usage, total: Usage): Usage =>
  perClass((name) => {
    const [was, is] = [before[name], total[name]]
    return was === undefined || is === undefined ? undefined : Math.max(0, is - was)
  })

/** Everything that went through the run's door; nothing where nothing was said. */
export const ledgerUsage = ({ byModel }: Ledger): Usage =>
  perClass((name) => {
    const parts = Object.values(byModel).flatMap((usage) => usage[name] ?? [])
    return parts.length === 0 ? undefined : parts.reduce((sum, part) => sum + part, 0)
  })

/** The greater of each, for figures that must never fall. */
export const atLeast = (a: Usage, b: Usage): Usage =>
  perClass((name) => {
    const [x, y] = [a[name], b[name]]
    return x === undefined || y === undefined ? (x ?? y) : Math.max(x, y)
  })
