import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTask } from '#engine/intake.ts'
import { queueView } from '../../src/web/queue-view.ts'
import { createMemoryStore } from '../sim/memory/memory-store.ts'

const AT = 1_000_000
const HOST = { name: 'here', bootId: 'boot', pid: 7, startTime: '99' }
const ann = { id: 'ann', name: 'Ann', isBot: false }
const rules = {
  caps: { total: 4, perRole: {}, perProject: {} },
  serialGate: () => true,
  freeze: true,
  providerOf: () => null,
}

test('the queue tells how many runs were lost, and which outside writes nobody knows the outcome of', async () => {
  const { store } = await createMemoryStore({ seed: 0, onCommit() {}, onBackstop() {} })
  const look = () => queueView(store.reads, rules, true, AT)
  await store.transaction(async (tx) => {
    for (const [n, crashes] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const item = {
        id: `item-${n}`,
        key: `ABC-${n}`,
        title: 'x',
        description: '',
        status: null,
        priority: 0,
        url: null,
        statusSince: AT,
        statusBy: ann,
      }
      const clock = { now: () => AT, sleep: async () => {} }
      const task = await openTask({ clock, repoOf: () => 'shop' }, tx, 'p', item, 1, 'Ann')
      await tx.saveTask({ ...task, used: { ...task.used, crashes } }, AT)
    }
  })
  const atRest = await look()
  assert.deepEqual(atRest.reaper, { lost: 3 })
  assert.deepEqual(atRest.effects, { pending: 2, unknown: 0, failed: 0 })
  const claimed = await store.transaction((tx) => tx.claimEffect({ by: HOST, now: AT, until: AT + 1000 }))
  assert.deepEqual((await look()).effects, { pending: 2, unknown: 0, failed: 0 }, 'somebody is at it')
  await store.transaction((tx) => tx.releaseEffect(claimed!.id, HOST))
  assert.deepEqual((await look()).effects, { pending: 1, unknown: 1, failed: 0 }, 'nobody is at it any more')
})
