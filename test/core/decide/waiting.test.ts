import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  answeredCi,
  badFacts,
  deadline,
  effectFailed,
  finished,
  observed,
  openedPullRequest,
  retryBy,
  started,
} from '../support/events.ts'
import { given } from '../support/given.ts'
import { at, everyStep, full } from '../support/tasks.ts'

const ci = { requiredContexts: ['build', 'lint'], ciDeadlineMs: 30 * 60_000 }
const onCi = at('development', 'gated', 1, full)

describe('a gate that waits for CI', () => {
  it('sets a deadline, once', () => {
    const waiting = given(at('development', 'running', 1, full), ci)
      .when(finished())
      .becomes('development', 'gated on ci', ['deadline ci in 30 min'])
    given(waiting.task, ci).when(answeredCi('pending')).becomes('development', 'gated on ci', [])
  })

  it('passes when the last required context is green', () => {
    const half = given(onCi, full).when(answeredCi('success', 'build')).becomes('development', 'gated on ci', [])
    given(half.task, full)
      .when(answeredCi('success'))
      .becomes('review', 'ready 7.5', ['show review', 'start 7.5 agent reviewer for 12-review.md'])
  })

  it('fails when one is red: the developer again', () => {
    given(onCi, full)
      .when(answeredCi('failure', 'build'))
      .becomes('development', 'ready 7.5', ['start 7.5 agent developer'])
  })

  it('holds the task when its deadline passes', () => {
    given(onCi, full)
      .when(deadline())
      .becomes('development', 'held: ci-deadline', ['show on-hold', 'stream: SHOP-7 is on hold in development…'])
      .logs(['held ci-deadline (retry, rework, stop): the required CI contexts have not reported in time'])
  })

  it('does not hear the deadline of an earlier visit, nor one that comes too late', () => {
    given(onCi, full)
      .when(deadline(onCi.visit - 1))
      .changesNothing()
    for (const task of everyStep().filter(
      ({ phase }) => phase.is !== 'final' && !(phase.is === 'gated' && phase.on === 'ci'),
    ))
      given(task, full).when(deadline()).changesNothing()
  })

  it('waits once more by `retry`, on a deadline of its own', () => {
    const again = given(onCi, full)
      .after(deadline())
      .when(retryBy('Mia'))
      .becomes('development', 'gated on ci', ['show development', 'deadline ci in 60 min'])
    assert.equal(given(again.task, full).when(answeredCi('success')).task.stage, 'review')
    assert.equal(given(onCi, full).after(deadline(), answeredCi('success')).when(retryBy('Mia')).task.stage, 'review')
  })

  it('keeps the moment from which it waits', () => {
    const { task } = given(onCi, full).when(answeredCi('pending'))
    assert.equal(task.phase.since, onCi.phase.since)
  })
})

describe('a gate that waits for the pull request', () => {
  const onPr = at('development', 'gated', 0)

  it('asks for it once for each head', () => {
    given(onPr)
      .when(observed(() => ({ pushed: 'sha-7.3' })))
      .becomes('development', 'gated on pull-request', [])
    const again = given(onPr).after(openedPullRequest(), started(), finished(badFacts), started())
    again
      .when(finished())
      .becomes('development', 'gated on pull-request', [
        'push sha-7.5',
        'developer: Developer done…',
        'ensure pull request at sha-7.5',
      ])
  })

  for (const effect of ['ensure-pr', 'push-branch'])
    it(`holds the task when ${effect} is refused`, () => {
      given(onPr)
        .when(effectFailed(effect, 'the branch is protected'))
        .becomes('development', 'held: no-pull-request', ['show on-hold', 'stream: SHOP-7 is on hold in development…'])
        .logs(['held no-pull-request (retry, stop): the branch is protected'])
    })

  it('is not held by another outside write that fails', () => {
    given(onPr)
      .when(effectFailed('comment', 'the tracker said no'))
      .becomes('development', 'gated on pull-request', [])
      .logs(['note: comment: the tracker said no'])
  })
})

describe('an outside write that fails where nothing waits for it', () => {
  it('is told, and the task goes on', () => {
    for (const effect of ['comment', 'show-status', 'ensure-pr', 'push-branch'])
      for (const task of [at('review', 'running'), onCi])
        assert.deepEqual(
          given(task, full)
            .when(effectFailed(effect))
            .logs([`note: ${effect}: the forge said no`]).task,
          task,
        )
  })
})
