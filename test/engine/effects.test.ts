import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deliverNext, type EffectHandler, type EffectHandlers } from '#engine/effects.ts'
import { order } from '#engine/orders.ts'
import { engineWorld, HOST, rulesOf, silent } from './support/world.ts'

describe('the status of a task', () => {
  it('is not shown any more when a newer task of the same work item was opened', async () => {
    const { store, clock, open } = await engineWorld()
    const old = await open()
    await order({ store, clock, rulesOf }, old, 'Mia', { is: 'stop' }, 'q1')
    await open(2)
    const shown: string[] = []
    const show: EffectHandler = async (effect, task) => {
      if (effect.type === 'show-status') shown.push(`${task.key} ${effect.status}`)
      return { sentence: 'shown' }
    }
    const handlers = new Proxy({}, { get: () => show }) as EffectHandlers
    while (await deliverNext({ store, clock, log: silent, rulesOf, host: HOST, handlers, claimMs: 1_000 })) {
      // Until nothing is left to deliver.
    }
    assert.deepEqual(shown, ['SHOP-1-r2 queued'])
    const { pending, skipped } = await store.reads.effectCounts(old)
    assert.deepEqual([pending, skipped], [0, 2])
  })
})

describe('a deliverer that takes longer than its claim', () => {
  for (const [what, ending] of [
    ['success', async () => ({ sentence: 'done late' })],
    [
      'failure',
      async () => {
        throw new Error('late')
      },
    ],
  ] as const)
    it(`changes nothing any more by its late ${what}`, async () => {
      const { store, clock, open } = await engineWorld()
      const task = await open()
      const handlersOf = (handle: EffectHandler) => new Proxy({}, { get: () => handle }) as EffectHandlers
      const deliver = (handle: EffectHandler) =>
        deliverNext({ store, clock, log: silent, rulesOf, host: HOST, handlers: handlersOf(handle), claimMs: 1_000 })
      await deliver(async () => {
        clock.pass(1_000)
        await deliver(async () => ({ sentence: 'done in time' }))
        return ending()
      })
      const outcomes = (await store.reads.story(task, 100)).flatMap(({ story }) =>
        story.is === 'effect' ? [story.outcome] : [],
      )
      assert.deepEqual(outcomes, ['done in time'])
      const { pending, started, done } = await store.reads.effectCounts(task)
      assert.deepEqual({ pending, started, done }, { pending: 0, started: 0, done: 1 })
    })
})
