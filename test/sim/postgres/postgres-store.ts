/**
 * The simulation's store on a real PostgreSQL: the real transactions, migrations and backstops. Only the delivery of jobs
 * is played, by a table of the queue's shape, because the queue's own clock cannot be the simulation's.
 */
import { type Kysely, sql } from 'kysely'
import { databaseOf, poolOf } from '../../../src/adapters/postgres/database.ts'
import { migrate } from '../../../src/adapters/postgres/migrate.ts'
import type { QueueCalls } from '../../../src/adapters/postgres/queue.ts'
import { createReads } from '../../../src/adapters/postgres/reads.ts'
import type { Tables } from '../../../src/adapters/postgres/schema.ts'
import { createStore } from '../../../src/adapters/postgres/store.ts'
import { rowOf } from '../../../src/adapters/postgres/tx/runs.ts'
import { stateOf } from '../../../src/adapters/postgres/tx/tasks.ts'
import type { Effect } from '../../../src/core/model.ts'
import type { Millis } from '../../../src/core/words.ts'
import type { Claim, EffectRow, Tx } from '../../../src/engine/ports/store.ts'
import type { Jobs, Ledger, OpenMessage, StoreFactory, Topic } from '../store-world.ts'

type Db = Kysely<Tables>

const JOBS = [
  'create schema if not exists pgboss',
  `create table pgboss.job (id uuid primary key, seq bigint generated always as identity, run text not null, state text not null,
    delivery integer not null default 0, started_on timestamptz, heartbeat_on timestamptz)`,
]

/** What a database is like before a seed plays on it. */
export async function prepareSimDatabase(url: string): Promise<void> {
  const pool = poolOf(url, { max: 2, applicationName: 'sim prepare', onError() {} })
  const db = databaseOf(pool)
  await migrate(db)
  for (const statement of JOBS) await sql.raw(statement).execute(db)
  await pool.end()
}

const EVERYTHING: ReadonlySet<Topic> = new Set(['task', 'run', 'effect', 'inbox'])

/** `database` gives a fresh prepared one for each seed. */
export const createPostgresStore =
  (database: () => Promise<{ url: string; drop(): Promise<void> }>): StoreFactory =>
  async ({ onCommit, onBackstop }) => {
    const { url, drop } = await database()
    const pool = poolOf(url, { max: 4, applicationName: 'sim', onError() {} })
    const db = databaseOf(pool)
    const real = createStore(db, calls)
    return {
      store: {
        reads: real.reads,
        async transaction(work) {
          try {
            let changed = false
            const result = await real.transaction((tx) => work(watched(tx, () => (changed = true))))
            if (changed) onCommit(EVERYTHING)
            return result
          } catch (thrown) {
            const { code } = thrown as { code?: unknown }
            // Integrity violations: a backstop of the schema was hit.
            if (typeof code === 'string' && code.startsWith('23')) onBackstop((thrown as Error).message)
            throw thrown
          }
        },
      },
      jobs: jobsOn(db, () => onCommit(EVERYTHING)),
      ledger: ledgerOn(db),
      async liftFreeze(repo) {
        await sql`update orch.freeze set lifted_at = 1 where repo = ${repo} and lifted_at is null`.execute(db)
        onCommit(EVERYTHING)
      },
      async close() {
        await pool.end()
        await drop()
      },
    }
  }

/** Calls that only read, and calls that changed nothing, are no news: otherwise the world would never come to rest. */
const READING: ReadonlySet<string> = new Set([
  'lockAdmission',
  'queueFacts',
  'task',
  'run',
  'newestTaskOf',
  'hasLaterStatus',
  'inboxMessage',
  'answerOf',
  'cursor',
  'setCursor',
  'freezeOf',
])
const NOTHING: readonly unknown[] = [false, null, 'known']

function watched(tx: Tx, onChange: () => void): Tx {
  const wrap = ([name, call]: [string, (...args: unknown[]) => Promise<unknown>]) => [
    name,
    async (...args: unknown[]) => {
      const answer = await call(...args)
      const isEmpty = Array.isArray(args[1]) && args[1].length === 0
      if (!READING.has(name) && !NOTHING.includes(answer) && !isEmpty) onChange()
      return answer
    },
  ]
  return Object.fromEntries(Object.entries(tx).map(wrap)) as unknown as Tx
}

const calls: QueueCalls = {
  async send(trx, { job, run }) {
    await sql`insert into pgboss.job (id, run, state) values (${job}, ${run}, 'created')`.execute(trx)
  },
  async complete(trx, { job, delivery }) {
    const { rows } =
      await sql`update pgboss.job set state = 'completed' where id = ${job} and state = 'active' and delivery = ${delivery} returning id`.execute(
        trx,
      )
    return rows.length === 1
  },
  async cancel(trx, job) {
    await sql`update pgboss.job set state = 'cancelled' where id = ${job} and state in ('created', 'retry', 'active')`.execute(
      trx,
    )
  },
}

interface JobRow {
  readonly id: string
  readonly run: string
  readonly delivery: number
}

const claimOf = ({ id, run, delivery }: JobRow): Claim => ({ job: id, run, delivery })
const at = (ms: Millis) => sql`to_timestamp(${ms}::double precision / 1000)`

function jobsOn(db: Db, onAgain: () => void): Jobs {
  const still = ({ job, delivery }: Claim) => sql`id = ${job} and delivery = ${delivery} and state = 'active'`
  return {
    async fetch(now) {
      const { rows } = await sql<JobRow>`
        update pgboss.job set state = 'active', started_on = ${at(now)}, heartbeat_on = ${at(now)}
        where id = (select id from pgboss.job where state in ('created', 'retry') order by seq limit 1) returning id, run, delivery`.execute(
        db,
      )
      return rows[0] ? claimOf(rows[0]) : null
    },
    async touch(claim, now) {
      const { rows } =
        await sql`update pgboss.job set heartbeat_on = ${at(now)} where ${still(claim)} returning id`.execute(db)
      return rows.length === 1
    },
    async end(claim) {
      await sql`update pgboss.job set state = 'completed' where ${still(claim)}`.execute(db)
    },
    async fail(claim) {
      const { rows } =
        await sql`update pgboss.job set state = 'retry', delivery = delivery + 1 where ${still(claim)} returning id`.execute(
          db,
        )
      if (rows.length > 0) onAgain()
    },
    async expire(before) {
      const { rows } = await sql<JobRow>`
        update pgboss.job set state = 'retry', delivery = delivery + 1
        where state = 'active' and heartbeat_on < ${at(before)} returning id, run, delivery - 1 as delivery`.execute(db)
      if (rows.length > 0) onAgain()
      return rows.map(claimOf)
    },
  }
}

const ledgerOn = (db: Db): Ledger => {
  const reads = createReads(db)
  return {
    async tasks() {
      const rows = await db.selectFrom('orch.task').select(['state', 'round', 'created_at']).orderBy('id').execute()
      return rows.map((row) => ({ task: stateOf(row.state), round: row.round, createdAt: row.created_at }))
    },
    async runs() {
      return (await db.selectFrom('orch.run').selectAll().execute()).map(rowOf)
    },
    async effects() {
      const rows = await db.selectFrom('orch.effect').selectAll().orderBy('id').execute()
      return rows.map((row) => ({
        id: row.id,
        task: row.task,
        effect: row.effect as unknown as Effect,
        state: row.state as EffectRow['state'],
        tries: row.tries,
        notBefore: row.not_before,
        sentence: row.sentence,
      }))
    },
    storySince: (id) => reads.storySince(id, 1_000_000),
    async openMessages() {
      const { rows } = await sql<OpenMessage>`
        select id, body->'change'->>'item' as item from orch.inbox
        where applied_at is null and source like 'tracker:%' order by id`.execute(db)
      return rows.map(({ id, item }) => ({ id: Number(id), item }))
    },
    async runsWithOpenJobs() {
      const { rows } = await sql<{
        run: string
      }>`select run from pgboss.job where state in ('created', 'retry', 'active')`.execute(db)
      return new Set(rows.map(({ run }) => run))
    },
  }
}
