/** Tasks and their log, inside a transaction. */

import { sql } from 'kysely'
import type { Task } from '#core/model.ts'
import type { Tx } from '#engine/ports/store.ts'
import { clean, json, type Trx } from '../database.ts'

type Part = Pick<Tx, 'task' | 'insertTask' | 'saveTask' | 'newestTaskOf' | 'setNext' | 'appendLog'>

export const stateOf = (value: unknown): Task => value as Task

const columnsOf = (task: Task) => ({
  stage: task.stage,
  phase: task.phase.is,
  lane: task.lane,
  window_open: task.window !== null,
  title: clean(task.item.title),
  state: json(task),
})

export const taskPart = (trx: Trx): Part => ({
  async task(id) {
    const row = await trx.selectFrom('orch.task').select('state').where('id', '=', id).forUpdate().executeTakeFirst()
    return row ? stateOf(row.state) : null
  },

  async insertTask(task, initial, at) {
    await trx
      .insertInto('orch.repo')
      .values({ id: task.repo, last_number: 0, fence: 0 })
      .onConflict((on) => on.doNothing())
      .execute()
    const { last_number } = await trx
      .updateTable('orch.repo')
      .set((e) => ({ last_number: e('last_number', '+', 1) }))
      .where('id', '=', task.repo)
      .returning('last_number')
      .executeTakeFirstOrThrow()
    const { rows } = await sql<{ id: number }>`select nextval(pg_get_serial_sequence('orch.task', 'id')) as id`.execute(
      trx,
    )
    const made = initial(rows[0]!.id, last_number)
    await sql`
      insert into orch.task (id, project, repo, number, key, item_id, item_key, round, title, stage, phase, lane, window_open, priority, state, created_at, updated_at)
      overriding system value
      values (${made.id}, ${made.project}, ${made.repo}, ${made.number}, ${made.key}, ${made.item.id}, ${task.itemKey}, ${task.round}, ${clean(made.item.title)},
        ${made.stage}, ${made.phase.is}, ${made.lane}, ${made.window !== null}, ${task.priority}, ${json(made)}, ${at}, ${at})`.execute(
      trx,
    )
    return made
  },

  async saveTask(task, at) {
    await trx
      .updateTable('orch.task')
      .set({ ...columnsOf(task), updated_at: at })
      .where('id', '=', task.id)
      .execute()
    // The fence grows with every window, so that a write of an earlier one can be told from it.
    if (task.window !== null && task.window.merge === null && task.window.since === at)
      await trx
        .updateTable('orch.repo')
        .set((e) => ({ fence: e('fence', '+', 1) }))
        .where('id', '=', task.repo)
        .execute()
  },

  async newestTaskOf(project, item) {
    const row = await trx
      .selectFrom('orch.task')
      .select(['state', 'round', 'created_at'])
      .where('project', '=', project)
      .where('item_id', '=', item)
      .orderBy('round', 'desc')
      .limit(1)
      .forUpdate()
      .executeTakeFirst()
    return row ? { task: stateOf(row.state), rounds: row.round, openedAt: row.created_at } : null
  },

  async setNext(id, next, at) {
    await trx.updateTable('orch.task').set({ next, updated_at: at }).where('id', '=', id).execute()
  },

  async appendLog(task, story, at) {
    await trx
      .insertInto('orch.log')
      .values({ task, at, story: json(story) })
      .execute()
  },
})
