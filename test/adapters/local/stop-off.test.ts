/** STOP switched off: exactly what happens without it, from whatever side it comes. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import { pipeline } from '#core/pipeline.ts'
import { defaultPolicy } from '#core/policy.ts'
import { applyDue, type IntakeDeps, poll } from '#engine/intake.ts'
import { create, order } from '#engine/orders.ts'
import { createMemoryStore } from '../../sim/memory/memory-store.ts'
import { localDatabase, localTrackerWorld } from './world.ts'

const { url } = await localDatabase({ after })

/** A task that waits to be let in, opened by a person of the list. */
async function aTask(t: import('node:test').TestContext, stop: boolean) {
  const { tracker, project } = await localTrackerWorld(t, url)
  const { store } = await createMemoryStore({ seed: 0, onCommit() {}, onBackstop() {} })
  let now = 1_700_000_000_000
  const deps: IntakeDeps = {
    store,
    tracker,
    clock: { now: () => now, sleep: async () => {} },
    log: { debug() {}, info() {}, warn() {}, error() {} },
    rulesOf: () => ({ pipeline, policy: { ...defaultPolicy, stop } }),
    repoOf: () => 'shop',
    isListed: () => true,
  }
  const key = await create(deps, project, { title: 'Add a login', description: '', priority: 0 }, 'ada', randomUUID())
  const task = async () => (await store.reads.taskByKey(key))!.task
  const { id, item } = await task()
  const hear = async () => {
    now += 60_000
    await poll(deps, project)
    await applyDue(deps)
  }
  await hear()
  return { deps, tracker, project, id, item: item.id, hear, task }
}

const DOORS = {
  'the status STOP': async ({ tracker, project, item, hear }: Awaited<ReturnType<typeof aTask>>) => {
    await tracker.moveAs(project, item, 'stop', 'ada')
    await hear()
  },
  'a comment': async ({ tracker, project, item, hear }: Awaited<ReturnType<typeof aTask>>) => {
    await tracker.commentAs(project, item, ':stop:', 'ada')
    await hear()
  },
  'an order of the API': async ({ deps, id }: Awaited<ReturnType<typeof aTask>>) => {
    const answer = await order(deps, id, 'ada', { is: 'stop' }, randomUUID())
    if (!answer.done) assert.match(answer.sentence, /^STOP is switched off here, so nothing was done; set stop_status/)
  },
}

for (const [door, stop] of Object.entries(DOORS)) {
  test(`${door} ends a task, and does nothing while STOP is switched off`, async (t) => {
    const on = await aTask(t, true)
    await stop(on)
    assert.equal((await on.task()).stage, 'cancelled')
    const off = await aTask(t, false)
    await stop(off)
    assert.deepEqual([(await off.task()).stage, (await off.task()).stop], ['queued', null])
  })
}

test('a task is opened though a later STOP has overtaken its move, while STOP is switched off', async (t) => {
  for (const [stop, opened] of [
    [true, false],
    [false, true],
  ] as const) {
    const { tracker, project, hear, deps } = await aTask(t, stop)
    const item = await tracker.create(project, {
      title: 'Another',
      description: '',
      priority: 0,
      by: 'ada',
      requestId: randomUUID(),
    })
    await tracker.moveAs(project, item.id, 'to-analyse', 'ada')
    await tracker.moveAs(project, item.id, 'stop', 'ada')
    await hear()
    assert.equal((await deps.store.reads.taskByKey(item.key)) !== null, opened)
  }
})
