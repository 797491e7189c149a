/** `GET /api/usage`: what agents used, in sums. */
import { z } from 'zod'
import { UserError } from '#core/errors.ts'
import { addUsage } from '#core/usage.ts'
import type { UsageView } from '#core/view.ts'
import { type Millis, USAGE_BY } from '#core/words.ts'
import type { WebDeps } from './app.ts'
import type { ZodApp } from './zod-app.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const USUAL_MS = 30 * DAY_MS
/** The last moment that a date can name (ECMAScript, Time Values and Time Range). */
const LAST_MS = 8_640_000_000_000_000

export function usageRoutes(app: ZodApp, { store: { reads }, now }: Pick<WebDeps, 'store' | 'now'>): void {
  const querystring = z.strictObject({
    by: z.enum(USAGE_BY).default('role'),
    from: z.string().max(100).optional(),
    to: z.string().max(100).optional(),
    project: z.string().max(200).optional(),
  })
  app.get('/api/usage', { schema: { querystring } }, async (request): Promise<UsageView> => {
    const { by, project } = request.query
    const { from, to } = periodOf(request.query, now())
    const rows = await reads.usage({ by, from, to, ...(project === undefined ? {} : { project }) })
    const total = {
      runs: rows.reduce((sum, { runs }) => sum + runs, 0),
      ms: rows.reduce((sum, { ms }) => sum + ms, 0),
      usage: rows.reduce((sum, { usage }) => addUsage(sum, usage), {}),
    }
    return { by, from, to, project: project ?? null, rows, total }
  })
}

/**
 * The half-open period `[from, to)`; the last 30 days where nothing is said. A day as `to` counts in full.
 * @throws {UserError} where one is no time, or nothing lies between them.
 */
export function periodOf(
  asked: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: Millis,
): { readonly from: Millis; readonly to: Millis } {
  const to = asked.to === undefined ? now : endOf(timeOf('to', asked.to))
  const from = asked.from === undefined ? to - USUAL_MS : timeOf('from', asked.from).at
  if (from >= to) throw new UserError('from is not before to, so nothing lies between them; turn them round.')
  return { from, to }
}

interface Time {
  readonly at: Millis
  readonly isDay: boolean
}

const endOf = ({ at, isDay }: Time): Millis => (isDay ? at + DAY_MS : at)

function timeOf(name: string, text: string): Time {
  if (/^[0-9]{1,16}$/.test(text) && Number(text) <= LAST_MS) return { at: Number(text), isDay: false }
  const at = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  // A day that its month does not have is taken for one of the next month.
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text)
    throw new UserError(
      `${name} is no day as 2026-01-31 and no number of milliseconds since 1970: ${JSON.stringify(text.slice(0, 40))}.`,
    )
  return { at, isDay: true }
}
