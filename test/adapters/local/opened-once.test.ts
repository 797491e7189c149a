/** A created work item is told twice: by the request that creates it, and by the tracker. It becomes one task. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import { pipeline } from '#core/pipeline.ts'
import { defaultPolicy } from '#core/policy.ts'
import { applyDue, type IntakeDeps, poll } from '#engine/intake.ts'
import { create } from '#engine/orders.ts'
import { databaseOf, poolOf } from '../../../src/adapters/postgres/database.ts'
import { migrate } from '../../../src/adapters/postgres/migrate.ts'
import { createStore } from '../../../src/adapters/postgres/store.ts'
import { localDatabase, localTrackerWorld } from './world.ts'

const { url } = await localDatabase({ after })
const pool = poolOf(url, { max: 8, applicationName: 'test', onError() {} })
after(() => pool.end())

test('whoever of the two comes first, the other finds its task, and neither fails', async (t) => {
  const { tracker, project } = await localTrackerWorld(t, url)
  await migrate(databaseOf(pool))
  const noJobs = { send: async () => {}, complete: async () => true, cancel: async () => {} }
  const store = createStore(databaseOf(pool), noJobs)
  const troubles: unknown[] = []
  const note = (fields: object) => void troubles.push(fields)
  const deps: IntakeDeps = {
    store,
    tracker,
    clock: { now: Date.now, sleep: async () => {} },
    log: { debug: note, info: note, warn: note, error: note },
    rulesOf: () => ({ pipeline, policy: defaultPolicy }),
    repoOf: () => 'shop',
    isListed: () => true,
  }
  let isOver = false
  const inbox = (async () => {
    while (!isOver) {
      await poll(deps, project)
      await applyDue(deps)
    }
  })()
  const keys: string[] = []
  for (let n = 0; n < 40; n += 1)
    keys.push(await create(deps, project, { title: `Item ${n}`, description: '', priority: 0 }, 'ada', randomUUID()))
  isOver = true
  await inbox
  assert.equal(new Set(keys).size, 40)
  assert.equal((await store.reads.tasks({ limit: 100 })).length, 40)
  assert.deepEqual(troubles, [])
})
