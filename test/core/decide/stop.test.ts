import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { outlivesStop } from '#core/decide/end.ts'
import type { Command, Task } from '#core/model.ts'
import {
  approvedBy,
  asked,
  closedBy,
  edited,
  failed,
  finished,
  goodFacts,
  letIn,
  lost,
  mergedBy,
  observed,
  runOf,
  type Say,
  started,
  stopBy,
  stopped,
} from '../support/events.ts'
import { given } from '../support/given.ts'
import { HELD_NOW, heldFor } from '../support/held.ts'
import { phaseOf } from '../support/lines.ts'
import { at, everyStep, full, newTask } from '../support/tasks.ts'

const nameOf = (task: Task): string =>
  `${task.stage}/${task.step}, ${phaseOf(task)}${task.window ? ', window open' : ''}`
const open = [...everyStep().filter(({ phase }) => phase.is !== 'final'), ...HELD_NOW.map(heldFor)]
const isLive = ({ phase }: Task) => phase.is === 'ready' || phase.is === 'running'

describe('STOP where no run is live', () => {
  for (const task of open.filter((known) => known.window === null && !isLive(known)))
    it(`ends the task at once: ${nameOf(task)}`, () => {
      const then = given(task, full).when(stopBy('Mia')).task
      assert.deepEqual([then.stage, phaseOf(then), then.lane, then.window], ['cancelled', 'final', false, null])
      assert.equal(then.stop?.by, 'Mia')
    })

  it('leaves nothing behind of a task that never began', () => {
    given(newTask())
      .when(stopBy('Mia'))
      .becomes('cancelled', 'final', [
        'drop effects',
        'remove workspace',
        'show cancelled',
        'stream: SHOP-7 is cancelled. Stopped by Mia. Nothing was merged.',
      ])
      .logs(['queued → cancelled: stopped by Mia'])
  })

  it('keeps the work, closes the pull request and deletes the branch of one that was on its way', () => {
    given(heldFor('ci-deadline'), full)
      .when(stopBy('Mia'))
      .becomes('cancelled', 'final', [
        'drop effects',
        'salvage',
        'remove workspace',
        'close pull request: SHOP-7 is cancelled. Stopped by Mia. Nothing was merged.',
        'delete branch',
        'show cancelled',
        'stream: SHOP-7 is cancelled. Stopped by Mia. Nothing was merged.',
      ])
  })

  it('says what was merged and what is live, and closes no pull request that is merged', () => {
    const { commands } = given(heldFor('deploy-failed'), full).when(stopBy('Mia')).decision
    assert.ok(!commands.some(({ type }) => type === 'close-pr'))
    const told = commands.findLast((command) => command.type === 'comment')
    assert.equal(told?.text, 'SHOP-7 is cancelled. Stopped by Mia. It had been merged as merge-7.')
  })
})

describe('STOP while a run is live', () => {
  for (const task of open.filter((known) => known.window === null && isLive(known)))
    it(`ends its processes first: ${nameOf(task)}`, () => {
      const run = runOf(task)
      const stopping = given(task, full)
        .when(stopBy('Mia'))
        .becomes(task.stage, 'waiting on processes', ['drop effects', `cancel ${run}`])
      assert.equal(stopping.task.lane, true)
      const { task: ended } = given(stopping.task, full).when(stopped(run))
      assert.deepEqual([ended.stage, phaseOf(ended), ended.lane], ['cancelled', 'final', false])
    })

  const stopping = given(at('review', 'running')).when(stopBy('Mia')).task
  const CLEANUP = [
    'drop effects',
    'salvage',
    'remove workspace',
    'close pull request: SHOP-7 is cancelled. Stopped by Mia. Nothing was merged.',
    'delete branch',
    'show cancelled',
    'stream: SHOP-7 is cancelled. Stopped by Mia. Nothing was merged.',
  ]

  it('tells why it waits', () => {
    assert.equal(stopping.phase.is === 'waiting' && stopping.phase.sentence, 'the processes of run 7.5 are being ended')
  })

  for (const [name, word] of Object.entries({ finished, failed, asked, lost, stopped }))
    it(`takes the end of the run in whatever form it comes: ${name}`, () => {
      given(stopping).when(word()).becomes('cancelled', 'final', CLEANUP).logs(['review → cancelled: stopped by Mia'])
    })

  it('hears nothing else: no start, no fact, no edit, no word of another run', () => {
    for (const word of [started(), stopped('7.4'), observed(() => ({ pushed: 'sha-9' })), edited('item-b'), letIn()])
      given(stopping).when(word).changesNothing()
  })

  it('refuses everything that people order, a second STOP too', () => {
    for (const order of [stopBy('Noor'), approvedBy('Noor')])
      given(stopping).when(order).refused('SHOP-7 is being stopped; nothing else is done with it.')
  })

  it('publishes nothing of what the run still made', () => {
    const { commands } = given(stopping).when(finished()).decision
    assert.ok(!commands.some(({ type }) => type === 'push-branch' || type === 'start-run'))
  })
})

describe('STOP while a run that nobody wants any more is still being ended', () => {
  const closed = given(at('review', 'running')).when(closedBy('Noor')).task

  it('waits for that, too: a task has not ended before its processes have', () => {
    assert.equal(closed.ending, '7.5')
    const { task } = given(closed).when(stopBy('Mia')).becomes('review', 'waiting on processes', ['drop effects'])
    given(task)
      .when(stopped('7.5'))
      .becomes('cancelled', 'final', [
        'drop effects',
        'salvage',
        'remove workspace',
        'close pull request: SHOP-7 is cancelled. Stopped by Mia. Nothing was merged.',
        'delete branch',
        'show cancelled',
        'stream: SHOP-7 is cancelled. Stopped by Mia. Nothing was merged.',
      ])
  })

  it('ends the task at once when those have ended', () => {
    const { task } = given(closed).when(stopped('7.5')).becomes('review', 'held: pull-request-closed', [])
    assert.equal(given(task).when(stopBy('Mia')).task.stage, 'cancelled')
  })

  it('cancels the next run, too, that waits for them to end', () => {
    const { task } = given(at('review', 'running', 0, full), full).when(mergedBy('Noor'))
    given(task, full).when(stopBy('Mia')).becomes('deploy', 'waiting on processes', ['drop effects', 'cancel 7.6'])
    const stopping = given(task, full).when(stopBy('Mia')).task
    given(stopping, full).when(stopped('7.6')).changesNothing()
    assert.equal(given(stopping, full).when(stopped('7.5')).task.stage, 'cancelled')
  })

  it('waits for the next run alone where that is at work already', () => {
    const { task } = given(at('review', 'running', 0, full), full)
      .after(mergedBy('Noor'))
      .when(started())
    const stopping = given(task, full)
      .when(stopBy('Mia'))
      .becomes('deploy', 'waiting on processes', ['drop effects', 'cancel 7.6'])
    given(stopping.task, full).when(stopped('7.5')).changesNothing()
    assert.equal(given(stopping.task, full).when(stopped('7.6')).task.stage, 'cancelled')
  })
})

describe('STOP as it was said', () => {
  it('is dated by the word of the person, where that is known', () => {
    const said =
      (over: object): Say =>
      (_, at) => ({ type: 'stop', at, by: 'Mia', ...over })
    assert.deepEqual(given(newTask(), {}, 500).when(said({ said: 400 })).task.stop, { by: 'Mia', at: 400 })
    assert.deepEqual(given(newTask(), {}, 500).when(said({})).task.stop, { by: 'Mia', at: 500 })
  })
})

describe('after STOP', () => {
  const { commands, task: ended } = given(heldFor('ci-deadline'), full).when(stopBy('Mia')).decision
  const effects = (all: readonly Command[]) => all.filter((command) => 'key' in command)
  const earlier = effects(given(at('development', 'running'), full).when(finished()).decision.commands)

  it('everything that was ordered by it goes out, and nothing that was under way before', () => {
    assert.deepEqual(
      effects(commands).filter((effect) => !outlivesStop(ended, effect)),
      [],
    )
    assert.deepEqual(
      earlier.map(({ type }) => type),
      ['push-branch', 'comment', 'ensure-pr'],
    )
    assert.deepEqual(
      earlier.filter((effect) => outlivesStop(ended, effect)),
      [],
    )
    const shown = { type: 'show-status', key: '7:v3:review:1', status: 'review' } as const
    assert.equal(outlivesStop(ended, shown), false)
  })

  it('everything goes out where there was none, or where the window is still open', () => {
    const inWindow = { ...at('deploy', 'running', 2, full), stop: { by: 'Mia', at: 0 } }
    for (const effect of earlier) {
      assert.equal(outlivesStop(at('review', 'running'), effect), true)
      assert.equal(outlivesStop(inWindow, effect), true)
    }
  })
})

describe('STOP of a task that has ended', () => {
  it('is refused with what it ended in', () => {
    given(at('done', 'final')).when(stopBy('Mia')).refused('SHOP-7 is done already; nothing was changed.')
    given(given(newTask()).when(stopBy('Mia')).task)
      .when(stopBy('Noor'))
      .refused('SHOP-7 is cancelled already; nothing was changed.')
  })

  it('is as far as everything else: no word changes what is final', () => {
    for (const word of [
      started('7.12'),
      finished(goodFacts, { run: '7.12' }),
      stopped('7.12'),
      observed(() => ({ pushed: 'sha-9' })),
      edited('item-b'),
      letIn(),
    ])
      given(at('done', 'final', undefined, full), full)
        .when(word)
        .changesNothing()
  })
})
