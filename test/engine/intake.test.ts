import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { applyDue, poll } from '#engine/intake.ts'
import type { Person, Tracker, TrackerChange, WorkItem } from '#engine/ports/tracker.ts'
import { engineWorld, itemOf, MIA, rulesOf, silent } from './support/world.ts'

/** What the tracker tells once, and how its item stands when it is read afterwards. */
async function told(changes: readonly TrackerChange[], item: WorkItem): Promise<readonly string[]> {
  const { store, clock } = await engineWorld()
  const tracker = {
    changes: async (_: string, cursor: string | null) => ({ changes: cursor === null ? changes : [], cursor: '1' }),
    read: async () => item,
  } as unknown as Tracker
  const deps = { store, tracker, clock, log: silent, rulesOf, repoOf: () => 'shop', isListed: () => true }
  await poll(deps, 'p')
  while ((await applyDue(deps)) > 0) {
    // Until nothing is left to apply.
  }
  return (await store.reads.openTasks()).map(({ key, stage }) => `${key} ${stage}`)
}

const moved = (to: 'to-analyse' | 'stop', by: Person, at: number): TrackerChange => ({
  is: 'moved',
  id: `${to} ${at}`,
  item: 'item-1',
  at,
  to,
  by,
})

describe('a move to To Analyse', () => {
  const robot: Person = { id: 'r', name: 'Robot', isBot: true }
  const wish = moved('to-analyse', MIA, 900)

  it('opens a task', async () => {
    assert.deepEqual(await told([wish], itemOf()), ['SHOP-1 queued'])
  })

  it('that a person followed with STOP opens none', async () => {
    const stopped = itemOf({ status: 'stop', statusSince: 950, statusBy: MIA })
    assert.deepEqual(await told([wish, moved('stop', MIA, 950)], stopped), [])
  })

  it('that only a bot followed with STOP opens one: no bot stops what a person asked for', async () => {
    const stopped = itemOf({ status: 'stop', statusSince: 950, statusBy: robot })
    assert.deepEqual(await told([wish, moved('stop', robot, 950)], stopped), ['SHOP-1 queued'])
  })
})
