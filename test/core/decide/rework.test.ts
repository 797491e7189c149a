import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defaultPolicy } from '#core/policy.ts'
import { badFacts, changeOf, failed, finished, goodFacts, retryBy, reworkBy, started } from '../support/events.ts'
import { given } from '../support/given.ts'
import { at, full, journey } from '../support/tasks.ts'

describe('work that is not good enough', () => {
  it('goes back from the review with the reviewer’s reasons', () => {
    const { task } = given(at('review', 'running'))
      .when(finished((known) => badFacts(known, 'Names are unclear.')))
      .becomes('development', 'ready 7.6', [
        'push sha-7.5',
        'reviewer: Reviewer done…',
        'stream: SHOP-7 goes back from review to development: the reviewer asks for changes: Names are unclear.',
        'show development',
        'start 7.6 agent developer',
      ])
      .logs([
        'scope-kept pass: only files of its own were changed',
        'review-written pass: 12-review.md is valid',
        'review-approved fail: the reviewer asks for changes: Names are unclear.',
        'review → development: the reviewer asks for changes: Names are unclear.',
      ])
    assert.deepEqual(task.notes, ['the reviewer asks for changes: Names are unclear.'])
    assert.deepEqual([task.used.reworks, task.used.attempts, task.step], [1, 0, 0])
  })

  const sentBack = [
    ['testing', 0, 'the tester reports FAIL: It does not work.'],
    ['testing', 1, '`npm test` on sha-7.6: exit 1: red'],
    ['deploy-staging', 0, 'the probes are red'],
  ] as const
  for (const [stage, step, reason] of sentBack) {
    it(`goes back from ${stage}, step ${step}`, () => {
      const { task } = given(at(stage, 'running', step, full), full).when(finished(badFacts))
      assert.deepEqual([task.stage, task.notes, task.used.reworks], ['development', [reason], 1])
    })
  }

  it('stays in its stage where nothing lies before it: the developer again, on the attempts', () => {
    const { task } = given(at('development', 'running', 1))
      .when(finished(badFacts))
      .becomes('development', 'ready 7.5', ['start 7.5 agent developer'])
      .logs([
        'check-passes fail: `npm test` on sha-7.3: exit 1: red',
        'ci-green pass: CI contexts are not configured',
        'note: again: `npm test` on sha-7.3: exit 1: red',
      ])
    assert.deepEqual([task.step, task.used.attempts, task.used.reworks], [0, 1, 0])
  })

  it('is not counted where the run did not do its job: the same stage again', () => {
    const { task } = given(at('review', 'running'))
      .when(finished((known) => ({ ...goodFacts(known), artefacts: {} })))
      .becomes('review', 'ready 7.6', [
        'push sha-7.5',
        'reviewer: Reviewer done…',
        'start 7.6 agent reviewer for 12-review.md',
      ])
    assert.deepEqual([task.used.attempts, task.used.reworks], [1, 0])
    assert.deepEqual(task.notes, ['12-review.md is missing', 'the review speaks of another commit'])
  })

  it('does not count what an earlier attempt left behind', () => {
    const { task } = given(at('testing', 'running'))
      .after(
        finished((known) => ({ ...goodFacts(known), change: changeOf(known, { outside: ['src/a.ts'] }) })),
        started(),
      )
      .when(finished((known) => ({ ...goodFacts(known), artefacts: {} })))
    assert.deepEqual(task.notes.slice(1), ['13-test-report.md is missing'])
  })

  it('is tried again three times in all, reasons adding up, and then held', () => {
    const empty = finished((known) => ({ ...goodFacts(known), artefacts: {} }))
    const third = given(at('architecture', 'running')).after(empty, started(), empty, started())
    assert.deepEqual(third.task.notes, ['02-architecture.md is missing', '02-architecture.md is missing'])
    third
      .when(empty)
      .becomes('architecture', 'held: attempts-spent', [
        'push sha-7.4',
        'architect: Architect done…',
        'show on-hold',
        'stream: SHOP-7 is on hold in architecture…',
      ])
  })

  it('leaves its notes behind when its step passes', () => {
    const { task } = given(at('development', 'running', 1)).when(finished())
    assert.deepEqual(task.notes, [])
    const again = given(at('architecture', 'running')).after(
      finished((known) => ({ ...goodFacts(known), artefacts: {} })),
      started(),
    )
    assert.equal(again.task.notes.length, 1)
    assert.deepEqual(again.when(finished()).task.notes, [])
    const tested = given(at('testing', 'running', 0))
      .after(failed(), started())
      .when(finished()).task
    assert.deepEqual([tested.step, tested.notes], [1, []])
  })
})

describe('five returns', () => {
  const spent = { ...at('review', 'running'), used: { ...at('review', 'running').used, reworks: 5 } }

  it('are allowed, and the sixth holds the task', () => {
    assert.equal(defaultPolicy.limits.reworks, 5)
    const fifth = { ...spent, used: { ...spent.used, reworks: 4 } }
    assert.equal(given(fifth).when(finished(badFacts)).task.stage, 'development')
    given(spent)
      .when(finished(badFacts))
      .becomes('review', 'held: reworks-spent', [
        'push sha-7.5',
        'reviewer: Reviewer done…',
        'show on-hold',
        'stream: SHOP-7 is on hold in review…',
      ])
  })

  it('are counted over all stages, whatever stage sent the task back', () => {
    const tested = journey({ stage: 'testing', phase: 'running' }, {}, given(spent).after(finished()).task).task
    given(tested)
      .when(finished(badFacts))
      .becomes('testing', 'held: reworks-spent', [
        'push sha-7.6',
        'tester: Tester done…',
        'show on-hold',
        'stream: SHOP-7 is on hold in testing…',
      ])
  })

  it('become six by `retry`, told why the task was held', () => {
    const { task } = given(spent)
      .after(finished(badFacts))
      .when(retryBy('Mia'))
      .becomes('development', 'ready 7.6', [
        'show review',
        'stream: SHOP-7 goes back from review to development: the reviewer asks for changes: It does not work.; Mia granted one more rework.',
        'show development',
        'start 7.6 agent developer',
      ])
    assert.deepEqual(task.notes, ['the reviewer asks for changes: It does not work.', 'Mia granted one more rework'])
    assert.deepEqual([task.used.reworks, task.granted.reworks], [6, 1])
    const reviewed = journey({ stage: 'review', phase: 'running' }, {}, task).task
    assert.equal(given(reviewed).when(finished(badFacts)).task.phase.is, 'held')
  })

  it('do not bind a person, who is asked for each further one anyway', () => {
    const { task } = given(spent).after(finished(badFacts)).when(reworkBy('Mia', 'use an index'))
    assert.deepEqual([task.stage, task.used.reworks, task.granted.reworks], ['development', 6, 1])
    assert.deepEqual(task.notes, ['Mia: use an index'])
  })
})

describe('a person who sends a task back', () => {
  const held = given(at('testing', 'running')).after(failed(), started(), failed(), started(), failed()).task

  it('may name an earlier stage, or this one', () => {
    for (const stage of ['analysis', 'architecture', 'development', 'review', 'testing'] as const)
      assert.equal(given(held).when(reworkBy('Mia', 'why', stage)).task.stage, stage)
  })

  it('names none, and the stage’s own way back is meant', () => {
    assert.equal(given(held).when(reworkBy('Mia')).task.stage, 'development')
  })

  it('cannot send it forward, nor to where no work is done', () => {
    for (const stage of ['deploy-staging', 'deploy', 'done', 'queued', 'cancelled'] as const)
      given(held)
        .when(reworkBy('Mia', 'why', stage))
        .refused(`SHOP-7 is in testing and can only be sent back to it or an earlier stage, not to ${stage}.`)
  })

  it('cannot send back what is at work', () => {
    given(at('review', 'running')).when(reworkBy('Mia')).refused('SHOP-7 cannot be sent back now (review, running).')
    given(at('development', 'gated'))
      .when(reworkBy('Mia'))
      .refused('SHOP-7 cannot be sent back now (development, gated).')
  })
})
