/** Reading for pages, tick and reconcile. */

import { sql } from 'kysely'
import type { DeadlineName } from '#core/model.ts'
import type { EffectState, HostIdentity, LoggedStory, Reads, Story, TaskRow } from '#engine/ports/store.ts'
import { clean, type Database } from './database.ts'
import { QUEUE_FACTS } from './queue-facts.ts'
import { rowOf } from './tx/runs.ts'
import { stateOf } from './tx/tasks.ts'
import { usageReads } from './usage-reads.ts'

const TASK_COLUMNS = ['id', 'state', 'item_key', 'round', 'priority', 'next', 'created_at', 'updated_at'] as const

interface TaskColumns {
  state: unknown
  item_key: string
  round: number
  priority: number
  next: boolean
  created_at: number
  updated_at: number
}

const taskRowOf = (row: TaskColumns): TaskRow => ({
  task: stateOf(row.state),
  itemKey: row.item_key,
  round: row.round,
  priority: row.priority,
  next: row.next,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

export function createReads(db: Database): Reads {
  const oneTask = async (column: 'key' | 'id', value: string | number): Promise<TaskRow | null> => {
    const row = await db.selectFrom('orch.task').select(TASK_COLUMNS).where(column, '=', value).executeTakeFirst()
    return row ? taskRowOf(row) : null
  }
  return {
    ...usageReads(db),
    async tasks({ project, open, limit, before }) {
      let query = db
        .selectFrom('orch.task')
        .select(TASK_COLUMNS)
        .orderBy('updated_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
      if (project !== undefined) query = query.where('project', '=', project)
      if (open === true) query = query.where('stage', 'not in', ['done', 'cancelled'])
      if (before !== undefined)
        query = query.where((e) =>
          e.or([
            e('updated_at', '<', before.updatedAt),
            e.and([e('updated_at', '=', before.updatedAt), e('id', '<', before.id)]),
          ]),
        )
      return (await query.execute()).map(taskRowOf)
    },
    taskByKey: (key) => oneTask('key', clean(key)),
    taskRow: (id) => oneTask('id', id),
    async openTasks() {
      const rows = await db
        .selectFrom('orch.task')
        .select('state')
        .where('stage', 'not in', ['done', 'cancelled'])
        .orderBy('id')
        .execute()
      return rows.map((row) => stateOf(row.state))
    },
    async runs(task) {
      const rows = await db.selectFrom('orch.run').selectAll().where('task', '=', task).execute()
      return rows.map(rowOf).sort((a, b) => numberOf(a.id) - numberOf(b.id))
    },
    async runById(id) {
      const row = await db.selectFrom('orch.run').selectAll().where('id', '=', clean(id)).executeTakeFirst()
      return row ? rowOf(row) : null
    },
    async liveRuns() {
      const rows = await db
        .selectFrom('orch.run')
        .selectAll()
        .where('state', 'in', ['ready', 'admitted', 'cancelling'])
        .execute()
      const jobs = await jobsOf(
        db,
        rows.flatMap((row) => (row.job === null ? [] : [row.job])),
      )
      return rows.map((row) => ({
        ...rowOf(row),
        ...(row.job === null
          ? { jobState: null, heardAt: null }
          : (jobs.get(row.job) ?? { jobState: 'missing' as const, heardAt: null })),
      }))
    },
    async story(task, limit) {
      const rows = await db
        .selectFrom('orch.log')
        .selectAll()
        .where('task', '=', task)
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.reverse().map(storyOf)
    },
    async storySince(id, limit) {
      const rows = await db.selectFrom('orch.log').selectAll().where('id', '>', id).orderBy('id').limit(limit).execute()
      return rows.map(storyOf)
    },
    async lastStoryId() {
      const row = await db
        .selectFrom('orch.log')
        .select((e) => e.fn.max('id').as('id'))
        .executeTakeFirst()
      return row?.id ?? 0
    },
    async queueFacts() {
      const { rows } = await QUEUE_FACTS.execute(db)
      return rows[0]!.facts
    },
    async effectCounts(task) {
      let query = db
        .selectFrom('orch.effect')
        .select((e) => ['state', e.fn.countAll<number>().as('n')])
        .groupBy('state')
      if (task !== undefined) query = query.where('task', '=', task)
      const counts: Record<EffectState, number> = { pending: 0, started: 0, done: 0, failed: 0, skipped: 0 }
      for (const { state, n } of await query.execute()) counts[state as EffectState] = n
      return counts
    },
    async effectClaims() {
      const rows = await db
        .selectFrom('orch.effect')
        .select(['id', 'claimed_by'])
        .where('state', '=', 'started')
        .where('claimed_by', 'is not', null)
        .execute()
      return rows.map((row) => ({ id: row.id, by: row.claimed_by as unknown as HostIdentity }))
    },
    async dueMessages(now, limit) {
      const rows = await db
        .selectFrom('orch.inbox')
        .selectAll()
        .where('applied_at', 'is', null)
        .where('not_before', '<=', now)
        .where('source', 'like', 'tracker:%')
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map((row) => ({
        id: row.id,
        source: row.source,
        key: row.key,
        body: row.body,
        receivedAt: row.received_at,
        tries: row.tries,
      }))
    },
    async dueDeadlines(now) {
      const rows = await db.selectFrom('orch.deadline').selectAll().where('due', '<=', now).execute()
      return rows.map((row) => ({ ...row, name: row.name as DeadlineName }))
    },
    async freezes() {
      const rows = await db.selectFrom('orch.freeze').selectAll().where('lifted_at', 'is', null).execute()
      return rows.map((row) => ({
        repo: row.repo,
        reason: row.reason,
        by: row.author,
        since: row.at,
        until: row.until,
      }))
    },
    async windows() {
      const rows = await db
        .selectFrom('orch.task as t')
        .innerJoin('orch.repo as r', 'r.id', 't.repo')
        .select(['t.repo', 't.key', 'r.fence'])
        .where('t.window_open', '=', true)
        .execute()
      return rows.map((row) => ({ repo: row.repo, task: row.key, fence: row.fence }))
    },
  }
}

const numberOf = (run: string): number => Number(run.slice(run.lastIndexOf('.') + 1))

const storyOf = (row: { id: number; task: number; at: number; story: unknown }): LoggedStory => ({
  id: row.id,
  task: row.task,
  at: row.at,
  story: row.story as Story,
})

type JobState = { jobState: 'waiting' | 'active' | 'ended'; heardAt: number | null }

/** The queue's own word of each job. It keeps what has ended for days, so a job that is not there was never sent. */
async function jobsOf(db: Database, ids: readonly string[]): Promise<Map<string, JobState>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ id: string; state: string; heard: number | null }>`
    select id, state::text as state, floor(extract(epoch from coalesce(heartbeat_on, started_on)) * 1000)::bigint as heard
    from pgboss.job where id = any(${sql.val([...ids])}::uuid[])`.execute(db)
  return new Map(
    rows.map(({ id, state, heard }) => [
      id,
      {
        jobState: state === 'active' ? 'active' : state === 'created' || state === 'retry' ? 'waiting' : 'ended',
        heardAt: heard,
      },
    ]),
  )
}
