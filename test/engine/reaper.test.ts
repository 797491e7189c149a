import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Forge } from '#engine/ports/forge.ts'
import { reap } from '#engine/reaper.ts'
import { type EngineWorld, engineWorld, HOST, rulesOf, silent } from './support/world.ts'

const here = { ...HOST, pid: 8 }
const look = (world: EngineWorld, whileLooking: () => Promise<void> = async () => {}) =>
  reap({
    ...world,
    forge: {} as Forge,
    log: silent,
    host: here,
    rulesOf,
    silentMs: 47_000,
    processes: { isAlive: ({ pid }) => pid === here.pid },
    store: {
      ...world.store,
      async transaction(work) {
        await whileLooking()
        return world.store.transaction(work)
      },
    },
  })

async function workedOn(host = HOST): Promise<EngineWorld> {
  const world = await engineWorld()
  await world.open()
  const { run } = await world.claim()
  await world.store.transaction((tx) => tx.updateRun(run, ['admitted'], { host, startedAt: world.clock.now() }))
  return world
}

describe('the reaper', () => {
  it('hands back the run of a process of this machine that is gone', async () => {
    const world = await workedOn()
    assert.equal(await look(world), 1)
    const [lost, again] = [await world.store.reads.runById('1.1'), await world.store.reads.runById('1.2')]
    assert.deepEqual([lost?.state, again?.state], ['lost', 'ready'])
  })

  it('books what the run had shown before its host died', async () => {
    const world = await workedOn()
    await world.store.transaction((tx) => tx.updateRun('1.1', ['admitted'], { usage: { input: 7 } }))
    await look(world)
    assert.deepEqual((await world.store.reads.taskRow(1))?.task.spent, { analyst: { runs: 1, usage: { input: 7 } } })
  })

  it('says nothing of a process of another machine', async () => {
    const world = await workedOn({ ...HOST, name: 'there' })
    assert.equal(await look(world), 0)
    assert.equal((await world.store.reads.runById('1.1'))?.state, 'admitted')
  })

  it('leaves a run as it ended, where it ended while the reaper was looking', async () => {
    const world = await workedOn()
    const ends = () =>
      world.store.transaction(async (tx) => {
        await tx.updateRun('1.1', ['admitted'], { state: 'lost', endedAt: 1_234, sentence: 'handed back' })
      })
    await look(world, ends)
    const run = await world.store.reads.runById('1.1')
    assert.deepEqual([run?.state, run?.endedAt, run?.sentence], ['lost', 1_234, 'handed back'])
  })

  it('ends the run that is being cancelled, also where the next one is ready already', async () => {
    const world = await workedOn()
    const first = await world.store.reads.runById('1.1')
    await world.store.transaction(async (tx) => {
      await tx.updateRun('1.1', ['admitted'], { state: 'cancelling' })
      if (first) await tx.insertRun({ ...first, id: '1.2', state: 'ready', job: null, host: null, startedAt: null })
    })
    assert.equal(await look(world), 1)
    assert.equal((await world.store.reads.runById('1.1'))?.state, 'cancelled')
  })
})
