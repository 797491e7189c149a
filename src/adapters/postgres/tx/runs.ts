/** Runs and their jobs, inside a transaction. */

import type { Selectable, Updateable } from 'kysely'
import { sql } from 'kysely'
import type { RunRow, Tx } from '#engine/ports/store.ts'
import { clean, json, type Trx } from '../database.ts'
import type { QueueCalls } from '../queue.ts'
import { QUEUE_FACTS } from '../queue-facts.ts'
import type { Tables } from '../schema.ts'

type Part = Pick<
  Tx,
  'lockAdmission' | 'queueFacts' | 'run' | 'insertRun' | 'updateRun' | 'sendJob' | 'completeJob' | 'cancelJob'
>

/** One admission at a time in the whole cluster. */
const ADMISSION_LOCK = 7001

export const rowOf = (row: Selectable<Tables['orch.run']>): RunRow => ({
  id: row.id,
  task: row.task,
  repo: row.repo,
  project: row.project,
  stage: row.stage as RunRow['stage'],
  kind: row.kind as RunRow['kind'],
  role: row.role as RunRow['role'],
  target: row.target as RunRow['target'],
  artefact: row.artefact as RunRow['artefact'],
  state: row.state as RunRow['state'],
  readyAt: row.ready_at,
  notBefore: row.not_before,
  job: row.job,
  host: row.host as RunRow['host'],
  startedAt: row.started_at,
  endedAt: row.ended_at,
  sentence: row.sentence,
  usage: row.usage as RunRow['usage'],
  facts: row.facts as RunRow['facts'],
  report: row.report,
  agent: row.agent as RunRow['agent'],
})

const text = (value: string | null | undefined) => (typeof value === 'string' ? clean(value) : (value ?? null))
const jsonb = (value: unknown) => (value === null || value === undefined ? null : json(value))

function columnsOf(change: Partial<Omit<RunRow, 'id' | 'task'>>): Updateable<Tables['orch.run']> {
  return {
    ...('state' in change ? { state: change.state } : {}),
    ...('job' in change ? { job: change.job } : {}),
    ...('host' in change ? { host: jsonb(change.host) } : {}),
    ...('startedAt' in change ? { started_at: change.startedAt } : {}),
    ...('endedAt' in change ? { ended_at: change.endedAt } : {}),
    ...('sentence' in change ? { sentence: text(change.sentence) } : {}),
    ...('usage' in change ? { usage: jsonb(change.usage) } : {}),
    ...('facts' in change ? { facts: jsonb(change.facts) } : {}),
    ...('report' in change ? { report: text(change.report) } : {}),
    ...('agent' in change ? { agent: jsonb(change.agent) } : {}),
    ...('notBefore' in change ? { not_before: change.notBefore } : {}),
  } as Updateable<Tables['orch.run']>
}

export const runPart = (trx: Trx, queue: QueueCalls): Part => ({
  async lockAdmission() {
    await sql`select pg_advisory_xact_lock(${ADMISSION_LOCK})`.execute(trx)
  },

  async queueFacts() {
    const { rows } = await QUEUE_FACTS.execute(trx)
    return rows[0]!.facts
  },

  async run(id) {
    const row = await trx.selectFrom('orch.run').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
    return row ? rowOf(row) : null
  },

  async insertRun(row) {
    await trx
      .insertInto('orch.run')
      .values({
        id: row.id,
        task: row.task,
        repo: row.repo,
        project: row.project,
        stage: row.stage,
        kind: row.kind,
        role: row.role,
        target: row.target,
        artefact: row.artefact,
        state: row.state,
        ready_at: row.readyAt,
        not_before: row.notBefore,
        job: row.job,
        host: jsonb(row.host),
        started_at: row.startedAt,
        ended_at: row.endedAt,
        sentence: text(row.sentence),
        usage: jsonb(row.usage),
        facts: jsonb(row.facts),
        report: text(row.report),
        agent: jsonb(row.agent),
      })
      .execute()
  },

  async updateRun(id, from, change) {
    const result = await trx
      .updateTable('orch.run')
      .set(columnsOf(change))
      .where('id', '=', id)
      .where('state', 'in', [...from])
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  },

  sendJob: (run) => queue.send(trx, { job: run.job, run: run.id }),
  completeJob: (claim) => queue.complete(trx, claim),
  cancelJob: (job) => queue.cancel(trx, job),
})
