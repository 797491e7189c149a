/** The breaker of a provider in the engine itself: admission, worker and store together, only the work is played. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Breaker } from '#core/breaker.ts'
import type { Failure } from '#core/model.ts'
import type { Claim, RunAgent } from '#engine/ports/store.ts'
import { handleDelivery, type Outcome, type RunHandler } from '#engine/worker.ts'
import { type EngineWorld, engineWorld, HOST, itemOf, rulesOf, silent } from './support/world.ts'

const MINUTE = 60_000
const agent: RunAgent = {
  runtime: 'some',
  provider: 'acme',
  choice: { model: null, effort: null, fallback: null, reasons: [] },
  models: [],
  session: null,
  resumes: null,
}
const overloaded: Failure = { class: 'transient', code: 'overloaded', sentence: 'acme is overloaded.' }
const failed = (failure: Failure, agentFailure: Failure | null = failure): Outcome => ({
  is: 'failed',
  failure,
  usage: {},
  agent,
  agentFailure,
})
const asked: Outcome = { is: 'asked', question: 'Which?', facts: {}, usage: {}, agent, agentFailure: null }

/** As many tasks as asked for, each with an agent's run that needs acme. */
async function worldOf(tasks: number): Promise<EngineWorld> {
  const world = await engineWorld({ serialGate: () => false, providerOf: () => 'acme' })
  for (let n = 1; n <= tasks; n += 1) await world.open(1, itemOf({ id: `item-${n}`, key: `SHOP-${n}` }))
  return world
}

function deliver(world: EngineWorld, claim: Claim, work: RunHandler, shutdown = new AbortController().signal) {
  const handlers = { agent: work, check: work, merge: work, deploy: work, watch: work }
  const { store, clock } = world
  const queue = {
    touch: (one: Claim) => world.jobs.touch(one, clock.now()),
    work: async () => {},
    stop: async () => {},
  }
  const fence = { touchMs: 8_000, trustMs: 33_000 }
  const deps = { store, queue, clock, log: silent, host: HOST, rulesOf, handlers, fence, shutdown, secrets: () => [] }
  return handleDelivery(deps, claim, new AbortController().signal)
}

/** The next run that may start ends so; says which it was. */
async function ends(world: EngineWorld, outcome: Outcome): Promise<string> {
  const claim = await world.claim()
  await deliver(world, claim, async () => outcome)
  return claim.run
}
const breakerOf = async (world: EngineWorld): Promise<Breaker | undefined> => (await world.store.reads.breakers()).acme
const tellings = async (world: EngineWorld) =>
  (await world.ledger.effects()).flatMap(({ task, effect }) =>
    effect.type === 'comment' && effect.key.endsWith(':breaker') ? [{ task, text: effect.text }] : [],
  )

/** Three tasks whose first runs met an overload each, and the breaker that came of it. */
async function openedWorld(): Promise<EngineWorld> {
  const world = await worldOf(3)
  for (let n = 0; n < 3; n += 1) await ends(world, failed(overloaded))
  return world
}

describe('a provider that does not answer', () => {
  it('is asked no more after the third run in a row, and one task is told so', async () => {
    const world = await worldOf(3)
    await ends(world, failed(overloaded))
    await ends(world, failed(overloaded))
    assert.deepEqual(await breakerOf(world), { is: 'closed', troubles: 2 })
    assert.deepEqual(await tellings(world), [])
    const last = await ends(world, failed(overloaded))
    assert.equal((await breakerOf(world))?.is, 'open')
    const [told, ...more] = await tellings(world)
    assert.deepEqual([`${told?.task}.1`, more], [last, []])
    assert.match(told?.text ?? '', /^acme cannot be used: acme is overloaded\. Work that needs it waits and goes on/)
  })

  it('is tried again by one run, which is known before it starts, and its good end lets everybody in', async () => {
    const world = await openedWorld()
    const open = await breakerOf(world)
    assert.ok(open?.is === 'open')
    world.clock.pass(open.until - world.clock.now() - 1)
    assert.equal(await world.admit(), 0)
    world.clock.pass(MINUTE)
    const probe = await world.claim()
    assert.deepEqual(await breakerOf(world), {
      is: 'half-open',
      probe: probe.run,
      why: 'acme is overloaded.',
      code: 'overloaded',
      since: open.since,
      probes: 0,
    })
    world.clock.pass(5 * MINUTE)
    assert.equal(await world.admit(), 0, 'the others wait for what it finds')
    await deliver(world, { ...probe }, async () => asked)
    assert.deepEqual(await breakerOf(world), { is: 'closed', troubles: 0 })
    assert.equal(await world.admit(), 2)
    assert.equal((await tellings(world)).length, 1)
  })

  it('whose probe fails as well is left alone for longer, and nobody is told again', async () => {
    const world = await openedWorld()
    world.clock.pass(MINUTE)
    await ends(world, failed({ ...overloaded, sentence: 'still overloaded.' }))
    const again = await breakerOf(world)
    assert.ok(again?.is === 'open')
    assert.deepEqual([again.probes, again.why], [1, 'still overloaded.'])
    assert.equal(again.until, world.clock.now() + MINUTE, 'twice as long as the first time')
    world.clock.pass(MINUTE - 1)
    assert.equal(await world.admit(), 0)
    world.clock.pass(1)
    assert.equal(await world.admit(), 1)
    assert.equal((await tellings(world)).length, 1)
  })

  it('that fails anew after it had worked again is told anew', async () => {
    const world = await worldOf(1)
    const auth: Failure = { class: 'transient', code: 'auth', sentence: 'acme refuses the key.' }
    await ends(world, failed(auth))
    assert.equal((await breakerOf(world))?.is, 'open', 'one is enough where waiting mends nothing')
    world.clock.pass(10 * MINUTE)
    await ends(world, { is: 'finished', facts: {}, usage: {}, agent, agentFailure: null })
    assert.deepEqual(await breakerOf(world), { is: 'closed', troubles: 0 })
    await ends(world, failed(auth))
    assert.equal((await breakerOf(world))?.is, 'open')
    assert.equal((await tellings(world)).length, 2)
  })
})

describe('what says nothing of a provider', () => {
  const untouched = async (world: EngineWorld, act: () => Promise<unknown>) => {
    const before = await breakerOf(world)
    await act()
    assert.deepEqual(await breakerOf(world), before)
  }
  /** A run that tries whether the provider works again. */
  const tried = async () => {
    const world = await openedWorld()
    world.clock.pass(2 * MINUTE)
    return { world, probe: await world.claim() }
  }

  it('a run that ended before its agent had started', async () => {
    const { world, probe } = await tried()
    const spent: Failure = { class: 'transient', code: 'day-budget', sentence: 'spent', until: 1e9 }
    await untouched(world, () => deliver(world, probe, async () => ({ is: 'failed', failure: spent })))
    assert.equal(await world.admit(), 1, 'the next one tries')
    const now = await breakerOf(world)
    assert.ok(now?.is === 'half-open' && now.probe !== probe.run)
  })

  it('a run that was ended with its host', async () => {
    const { world, probe } = await tried()
    const shutdown = new AbortController()
    const stopped: Outcome = { is: 'stopped', usage: { input: 5 }, agent, agentFailure: null }
    const work: RunHandler = async () => {
      shutdown.abort()
      return stopped
    }
    await untouched(world, () => deliver(world, probe, work, shutdown.signal))
    assert.equal((await world.store.reads.runById(probe.run))?.state, 'lost')
  })

  it('a run whose claim was lost while it worked', async () => {
    const { world, probe } = await tried()
    await untouched(world, () =>
      deliver(world, probe, async () => {
        world.clock.pass(MINUTE)
        await world.jobs.expire(world.clock.now())
        return failed(overloaded)
      }),
    )
  })

  it('a run that only failed by its own work, except that it was answered', async () => {
    const stalled: Failure = { class: 'permanent', code: 'stalled', sentence: 'it fell silent' }
    const first = await tried()
    await untouched(first.world, () => deliver(first.world, first.probe, async () => failed(stalled)))
    const second = await tried()
    const outside: Failure = { class: 'permanent', code: 'out-of-scope', sentence: 'not its files' }
    await deliver(second.world, second.probe, async () => failed(outside, null))
    assert.deepEqual(await breakerOf(second.world), { is: 'closed', troubles: 0 })
  })
})

describe('the books', () => {
  const spentOn = async (world: EngineWorld) => (await world.store.reads.taskRow(1))?.task.spent

  it('know what a run had used that was ended with its host', async () => {
    const world = await worldOf(1)
    const shutdown = new AbortController()
    const work: RunHandler = async () => {
      shutdown.abort()
      return { is: 'stopped', usage: { input: 5, costUsd: 0.5 }, agent }
    }
    await deliver(world, await world.claim(), work, shutdown.signal)
    assert.deepEqual(await spentOn(world), { analyst: { runs: 1, usage: { input: 5, costUsd: 0.5 } } })
    assert.deepEqual((await world.store.reads.runById('1.1'))?.usage, { input: 5, costUsd: 0.5 })
  })

  it('know what a run had shown whose host died', async () => {
    const world = await worldOf(1)
    const claim = await world.claim()
    const alive = { host: HOST, startedAt: world.clock.now(), usage: { input: 7 } }
    await world.store.transaction((tx) => tx.updateRun('1.1', ['admitted'], alive))
    await world.jobs.fail(claim)
    const again = await world.jobs.fetch(world.clock.now())
    assert.equal(again?.delivery, 1)
    await deliver(world, again!, async () => asked)
    assert.equal((await world.store.reads.runById('1.1'))?.state, 'lost')
    assert.deepEqual(await spentOn(world), { analyst: { runs: 1, usage: { input: 7 } } })
  })
})
