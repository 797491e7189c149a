import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exitsOf, HOLDS, type HoldExit } from '#core/holds.ts'
import {
  answeredBy,
  approvedBy,
  failed,
  lost,
  overloaded,
  retryBy,
  reworkBy,
  type Say,
  stopBy,
} from '../support/events.ts'
import { given } from '../support/given.ts'
import { HELD_NOW, type HeldNow, heldFor, LATER, policyOfHeld } from '../support/held.ts'
import { phaseOf } from '../support/lines.ts'
import { at } from '../support/tasks.ts'

const ORDERS: Readonly<Record<HoldExit, Say>> = {
  retry: retryBy('Mia'),
  rework: reworkBy('Mia'),
  answer: answeredBy('Mia'),
  approve: approvedBy('Mia'),
  stop: stopBy('Mia'),
}
const EXITS = Object.keys(ORDERS) as HoldExit[]
const place = (reason: HeldNow, exit: HoldExit): string => {
  const { decision, task } = given(heldFor(reason), policyOfHeld).when(ORDERS[exit])
  assert.equal(decision.refused, undefined)
  return `${task.stage}, ${phaseOf(task)}`
}

/** Where each way out leads, hold by hold. `retry` is the step again, or its gates where only the world was missing. */
const LEADS: Readonly<Record<HeldNow, Readonly<Partial<Record<HoldExit, string>>>>> = {
  'attempts-spent': { retry: 'development, ready 7.4', rework: 'development, ready 7.4' },
  'reworks-spent': { retry: 'development, ready 7.6', rework: 'development, ready 7.6' },
  'transients-spent': { retry: 'review, ready 7.6' },
  'crashes-spent': { retry: 'review, ready 7.6' },
  'refreshes-spent': { retry: 'testing, ready 7.11' },
  'budget-soft': { retry: 'testing, ready 7.6', rework: 'development, ready 7.6' },
  'budget-spent': { retry: 'development, ready 7.4' },
  question: { answer: 'architecture, ready 7.3', rework: 'architecture, ready 7.3' },
  'protected-paths': { approve: 'development, gated on pull-request', rework: 'development, ready 7.4' },
  'ci-deadline': { retry: 'development, gated on ci', rework: 'development, ready 7.5' },
  'no-pull-request': { retry: 'development, gated on pull-request' },
  'pull-request-closed': { retry: 'development, ready 7.5' },
  'not-merged': { retry: 'deploy, ready 7.11', rework: 'development, ready 7.11' },
  'foreign-merge': {},
  'merge-unverified': { retry: 'deploy, ready 7.11' },
  'staging-inconclusive': { retry: 'deploy-staging, ready 7.9', rework: 'development, ready 7.9' },
  'deploy-failed': { retry: 'deploy, ready 7.12', rework: 'development, ready 7.12' },
}

const REFUSED: Readonly<Record<Exclude<HoldExit, 'stop'>, (where: string) => string>> = {
  retry: (where) => `SHOP-7 is not on a hold that \`retry\` leads out of (${where}).`,
  rework: (where) => `SHOP-7 cannot be sent back now (${where}).`,
  answer: (where) => `SHOP-7 has not asked anything (${where}).`,
  approve: (where) => `SHOP-7 does not wait for an approval (${where}).`,
}

for (const reason of HELD_NOW) {
  describe(`a task on hold: ${HOLDS[reason].title}`, () => {
    const held = heldFor(reason)

    it('is on hold for that, keeps its lane, and has no window', () => {
      assert.equal(phaseOf(held), `held: ${reason}`)
      assert.deepEqual([held.lane, held.window], [true, null])
    })

    for (const exit of EXITS.filter((word) => word !== 'stop' && exitsOf(reason).includes(word))) {
      it(`goes on by ${exit}`, () => assert.equal(place(reason, exit), LEADS[reason][exit]))
    }

    it('ends by stop', () => assert.equal(place(reason, 'stop'), 'cancelled, final'))

    for (const exit of EXITS.filter((word): word is keyof typeof REFUSED => !exitsOf(reason).includes(word))) {
      it(`refuses ${exit}, and says where it is`, () => {
        given(held, policyOfHeld)
          .when(ORDERS[exit])
          .refused(REFUSED[exit](`${held.stage}, on hold: ${HOLDS[reason].title}`))
      })
    }
  })
}

describe('the holds', () => {
  it('are each reached by a test, or named as later work', () => {
    assert.deepEqual([...HELD_NOW, ...LATER].sort(), Object.keys(HOLDS).sort())
  })

  it('all offer stop, and no other way that this table does not know', () => {
    for (const reason of HELD_NOW) {
      assert.ok(exitsOf(reason).includes('stop'), reason)
      assert.deepEqual(
        Object.keys(LEADS[reason]).sort(),
        exitsOf(reason)
          .filter((exit) => exit !== 'stop')
          .sort(),
      )
    }
  })

  it('repeat by `retry` the step that was held, with what is known of it', () => {
    const spent = { attempts: 2, reworks: 0, transients: 8, crashes: 10, refreshes: 0 }
    const checking = (stage: 'development' | 'testing') => ({ ...at(stage, 'running', 1), used: spent })
    const retried = (stage: 'development' | 'testing', end: Say) => {
      const { task } = given(checking(stage)).after(end).when(retryBy('Mia'))
      return [task.step, task.notes, task.evidence.pr?.number]
    }
    for (const end of [overloaded(), lost()]) assert.deepEqual(retried('development', end), [1, [], 3])
    assert.deepEqual(retried('testing', failed()), [1, ['the agent crashed'], 3])
    assert.deepEqual(retried('development', failed()), [0, ['the agent crashed'], 3])
  })

  it('grant one more of what was used up, and nothing else', () => {
    const grants = HELD_NOW.filter((reason) => exitsOf(reason).includes('retry')).map((reason) => {
      const { granted } = given(heldFor(reason), policyOfHeld).when(retryBy('Mia')).task
      return [reason, ...Object.entries(granted).flatMap(([name, more]) => (more === 0 ? [] : [`${name} ${more}`]))]
    })
    assert.deepEqual(
      grants.filter((row) => row.length > 1),
      [
        ['attempts-spent', 'attempts 1'],
        ['reworks-spent', 'reworks 1'],
        ['transients-spent', 'transients 1'],
        ['crashes-spent', 'crashes 1'],
        ['refreshes-spent', 'refreshes 1'],
      ],
    )
  })
})
