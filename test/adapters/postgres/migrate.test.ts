/** A database that an earlier Orch has worked with is brought up to this one, with everything in it. */
import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { type Database, databaseOf, poolOf } from '../../../src/adapters/postgres/database.ts'
import { MIGRATIONS, migrate } from '../../../src/adapters/postgres/migrate.ts'
import { createReads } from '../../../src/adapters/postgres/reads.ts'
import type { Task } from '../../../src/core/model.ts'
import { at, newTask } from '../../core/support/tasks.ts'
import { testDatabase } from '../../support/postgres.ts'

async function emptyDatabase(
  t: TestContext,
): Promise<{ db: Database; query: (text: string, values?: unknown[]) => Promise<unknown[]> }> {
  const { url } = await testDatabase(t)
  const pool = poolOf(url, { max: 2, applicationName: 'test', onError() {} })
  t.after(() => pool.end())
  return { db: databaseOf(pool), query: async (text, values) => (await pool.query(text, values)).rows }
}

const only = (...names: string[]) =>
  Object.fromEntries(Object.entries(MIGRATIONS).filter(([name]) => names.includes(name)))

describe('migrations', () => {
  it('0002: tasks of before know of no allowance and no wish, those that have ended too, and nothing else changes', async (t) => {
    const { db, query } = await emptyDatabase(t)
    assert.deepEqual(await migrate(db, only('0001-spine')), ['0001-spine'])
    const stored: Task[] = [
      newTask({ id: 1, number: 1, key: 'SHOP-1', repo: 'shop' }),
      { ...at('development', 'running'), id: 2, number: 2, key: 'SHOP-2', repo: 'shop' },
      newTask({ id: 3, number: 3, key: 'SHOP-3', repo: 'shop', stage: 'done', phase: { is: 'final', since: 1 } }),
    ]
    await query(`insert into orch.repo (id) values ('shop')`)
    for (const { allowances: _, agent: _agent, ...before } of stored)
      await query(
        `insert into orch.task (project, repo, number, key, item_id, item_key, round, title, stage, phase, lane, window_open, priority, state, created_at, updated_at)
         values ('shop', 'shop', $1, $2, $2, $2, 1, 't', $3, $4, $5, false, 0, $6, 1, 1)`,
        [before.number, before.key, before.stage, before.phase.is, before.lane, JSON.stringify(before)],
      )
    await query(
      `insert into orch.run (id, task, repo, project, stage, kind, role, state, ready_at, not_before, started_at, usage)
       values ('2.1', 2, 'shop', 'shop', 'development', 'agent', 'developer', 'done', 1, 1, 5, '{"input": 3}')`,
    )
    assert.deepEqual(await migrate(db), ['0002-agent'])
    const reads = createReads(db)
    const tasks = (await reads.tasks({ limit: 9 })).map(({ task }) => task).sort((a, b) => a.id - b.id)
    assert.deepEqual(
      tasks,
      stored.map((task) => ({ ...task, allowances: 0, agent: { wish: {}, once: null } })),
    )
    assert.equal((await reads.runById('2.1'))?.agent, null)
    assert.deepEqual(await reads.breakers(), {})
    assert.deepEqual((await reads.spending({ since: 0, task: 2, except: '0.0' })).task, { input: 3 })
  })

  it('0002: leaves a task alone that has its wishes already', async (t) => {
    const { db, query } = await emptyDatabase(t)
    await migrate(db, only('0001-spine'))
    const task = newTask({ id: 1, allowances: 2, agent: { wish: { model: 'acme-one' }, once: null } })
    await query(`insert into orch.repo (id) values ('shop')`)
    await query(
      `insert into orch.task (project, repo, number, key, item_id, item_key, round, title, stage, phase, lane, window_open, priority, state, created_at, updated_at)
       values ('shop', 'shop', 7, 'SHOP-7', 'i', 'i', 1, 't', 'queued', 'waiting', false, false, 0, $1, 1, 1)`,
      [JSON.stringify(task)],
    )
    await migrate(db)
    assert.deepEqual((await createReads(db).taskRow(1))?.task, task)
  })

  it('are made once, however often and by however many they are asked for', async (t) => {
    const { db } = await emptyDatabase(t)
    const made = await Promise.all([migrate(db), migrate(db)])
    assert.deepEqual(made.flat().sort(), Object.keys(MIGRATIONS))
    assert.deepEqual(await migrate(db), [])
  })

  it('of a newer program are refused with a way on, and nothing is touched', async (t) => {
    const { db } = await emptyDatabase(t)
    await migrate(db)
    await assert.rejects(migrate(db, only('0001-spine')), /made by a newer Orch \(it knows 0002-agent/)
  })
})
