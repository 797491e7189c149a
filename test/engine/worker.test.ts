import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { handleDelivery, type RunContext, type RunHandler, type WorkerDeps } from '#engine/worker.ts'
import { type EngineWorld, engineWorld, HOST, rulesOf, silent } from './support/world.ts'

const FENCE = { touchMs: 8_000, trustMs: 33_000 }
const never = new AbortController().signal

const depsOf = (world: EngineWorld, work: RunHandler, touch?: () => Promise<boolean>): WorkerDeps => ({
  store: world.store,
  queue: {
    touch: touch ?? ((claim) => world.jobs.touch(claim, world.clock.now())),
    work: async () => {},
    stop: async () => {},
  },
  clock: world.clock,
  log: silent,
  host: HOST,
  rulesOf,
  handlers: { agent: work, check: work, merge: work, deploy: work, watch: work },
  fence: FENCE,
  secrets: () => [],
  shutdown: never,
})

/** Handles the claim and tells what its work was given; empty where no work began. */
async function handled(
  world: EngineWorld,
  claim: Parameters<typeof handleDelivery>[1],
  touch?: () => Promise<boolean>,
) {
  const begun: (RunContext & { reason: unknown })[] = []
  const work: RunHandler = async (context) => {
    begun.push({ ...context, reason: context.signal.reason })
    return { is: 'handed-back', why: 'nothing was to be done' }
  }
  await handleDelivery(depsOf(world, work, touch), claim, never)
  return begun
}

describe('a delivery', () => {
  it('is worked on when its claim stands', async () => {
    const world = await engineWorld()
    await world.open()
    const begun = await handled(world, await world.claim())
    assert.deepEqual(
      begun.map(({ run, signal }) => [run.id, run.host, signal.aborted]),
      [['1.1', HOST, false]],
    )
  })

  it('that was on its way while the queue gave its job away begins nothing', async () => {
    const world = await engineWorld()
    await world.open()
    const claim = await world.claim()
    world.clock.pass(50_000)
    assert.deepEqual(await world.jobs.expire(world.clock.now() - 45_000), [claim])
    assert.deepEqual(await handled(world, claim), [])
    const run = await world.store.reads.runById('1.1')
    assert.deepEqual([run?.state, run?.host], ['admitted', null])
  })

  it('is trusted from when its proof was asked for, not from when it was answered', async () => {
    const world = await engineWorld()
    await world.open()
    const slow = async () => {
      world.clock.pass(FENCE.trustMs)
      return true
    }
    const [begun] = await handled(world, await world.claim(), slow)
    assert.deepEqual([begun?.signal.aborted, begun?.reason], [true, 'fenced'])
  })
})
