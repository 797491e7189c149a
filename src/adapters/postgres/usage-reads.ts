/** Sums over what agents' runs used. A number that no run reported stays absent. */
import { sql } from 'kysely'
import type { Breaker } from '#core/breaker.ts'
import type { Usage } from '#core/model.ts'
import type { Reads } from '#engine/ports/store.ts'
import type { Database } from './database.ts'

type Sums = {
  input: number | null
  output: number | null
  cache_read: number | null
  cache_creation: number | null
  cost: number | null
  turns: number | null
}

const SUMS = sql`
  sum((r.usage->>'input')::numeric)::float8 as input, sum((r.usage->>'output')::numeric)::float8 as output,
  sum((r.usage->>'cacheRead')::numeric)::float8 as cache_read, sum((r.usage->>'cacheCreation')::numeric)::float8 as cache_creation,
  sum((r.usage->>'costUsd')::numeric)::float8 as cost, sum((r.usage->>'turns')::numeric)::float8 as turns`

const usageOf = (row: Sums): Usage => ({
  ...(row.input === null ? {} : { input: row.input }),
  ...(row.output === null ? {} : { output: row.output }),
  ...(row.cache_read === null ? {} : { cacheRead: row.cache_read }),
  ...(row.cache_creation === null ? {} : { cacheCreation: row.cache_creation }),
  ...(row.cost === null ? {} : { costUsd: row.cost }),
  ...(row.turns === null ? {} : { turns: row.turns }),
})

const NAMES = {
  role: sql`r.role`,
  project: sql`r.project`,
  task: sql`t.key`,
  day: sql`to_char(to_timestamp(r.started_at / 1000.0) at time zone 'UTC', 'YYYY-MM-DD')`,
  model: sql`coalesce(r.usage->>'model', 'unknown')`,
} as const

export const usageReads = (db: Database): Pick<Reads, 'spending' | 'usage' | 'breakers'> => ({
  async spending({ since, task, except }) {
    const sum = async (condition: ReturnType<typeof sql>): Promise<Usage> => {
      const { rows } = await sql<Sums>`
        select ${SUMS} from orch.run r where r.kind = 'agent' and r.id <> ${except} and ${condition}`.execute(db)
      return usageOf(rows[0]!)
    }
    return { task: await sum(sql`r.task = ${task}`), day: await sum(sql`r.started_at >= ${since}`) }
  },

  async usage({ by, from, to, project }) {
    const { rows } = await sql<Sums & { name: string; runs: number; ms: number }>`
      select ${NAMES[by]} as name, count(*)::int as runs, coalesce(sum(r.ended_at - r.started_at), 0)::float8 as ms, ${SUMS}
      from orch.run r join orch.task t on t.id = r.task
      where r.kind = 'agent' and r.started_at >= ${from} and r.started_at < ${to}
        and (${project ?? null}::text is null or r.project = ${project ?? null}::text)
      group by 1 order by ${by === 'day' ? sql`name desc` : sql`cost desc nulls last, name`}`.execute(db)
    return rows.map((row) => ({ name: row.name, runs: row.runs, ms: row.ms, usage: usageOf(row) }))
  },

  async breakers() {
    const rows = await db.selectFrom('orch.breaker').selectAll().execute()
    return Object.fromEntries(rows.map(({ provider, state }) => [provider, state as unknown as Breaker]))
  },
})
