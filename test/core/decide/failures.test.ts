import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defaultPolicy } from '#core/policy.ts'
import { LONGEST_WAIT_MS } from '#core/retry.ts'
import { changeOf, failed, finished, lost, overloaded, retryBy, started } from '../support/events.ts'
import { given } from '../support/given.ts'
import { at } from '../support/tasks.ts'

describe('a run that fails for good', () => {
  it('is made again, told why, on the attempts of this visit', () => {
    const { task } = given(at('review', 'running'))
      .when(failed({ code: 'timed-out', sentence: 'it did not end within 30 min' }))
      .becomes('review', 'ready 7.6', ['start 7.6 agent reviewer for 12-review.md'])
      .logs(['note: again: it did not end within 30 min'])
    assert.equal(task.used.attempts, 1)
    assert.deepEqual(task.notes, ['it did not end within 30 min'])
    assert.equal(task.spent.reviewer?.runs, 1)
  })

  it('is made again twice; the third failure holds the task', () => {
    given(at('review', 'running'))
      .after(failed(), started(), failed(), started())
      .when(failed({ sentence: 'the agent crashed a third time' }))
      .becomes('review', 'held: attempts-spent', ['show on-hold', 'stream: SHOP-7 is on hold in review…'])
      .logs(['held attempts-spent (retry, rework, stop): the agent crashed a third time'])
  })

  it('gets one more attempt by each `retry`, and is told what failed last', () => {
    const { task } = given(at('review', 'running'))
      .after(failed(), started(), failed(), started(), failed({ sentence: 'the third crash' }))
      .when(retryBy('Mia'))
      .becomes('review', 'ready 7.8', ['show review', 'start 7.8 agent reviewer for 12-review.md'])
    assert.equal(task.notes.at(-1), 'the third crash')
    given(task)
      .after(started())
      .when(failed())
      .becomes('review', 'held: attempts-spent', ['show on-hold', 'stream: SHOP-7 is on hold…'])
  })

  it('leaves what it found, for the next one to go on from', () => {
    given(at('development', 'running'))
      .when(failed({}, (known) => ({ change: changeOf(known, { content: 'code', head: 'sha-kept' }) })))
      .becomes('development', 'ready 7.4', ['push sha-kept', 'start 7.4 agent developer'])
  })

  it('has fresh attempts on the next visit, whatever was granted on this one', () => {
    const granted = given(at('architecture', 'running'))
      .after(failed(), started(), failed(), started(), failed(), retryBy('Mia'), started())
      .when(finished()).task
    assert.equal(granted.stage, 'development')
    const { task } = given(granted).after(started(), failed(), started(), failed(), started()).when(failed())
    assert.equal(task.phase.is, 'held')
  })
})

describe('an overloaded outside', () => {
  it('is tried again later, at the cost of no attempt', () => {
    const { task } = given(at('review', 'running'))
      .when(overloaded())
      .becomes('review', 'ready 7.6', ['start 7.6 agent reviewer for 12-review.md in 5 s'])
      .logs(['note: the model is overloaded; next try in 5 s'])
    assert.deepEqual([task.used.attempts, task.used.transients, task.notes], [0, 1, []])
  })

  it('is waited for twice as long each time, up to the longest wait, and then holds the task', () => {
    const waits: string[] = []
    let story = given(at('review', 'running'))
    for (let n = 0; n < defaultPolicy.limits.transients; n += 1) {
      const then = story.when(overloaded())
      waits.push(
        /in (\d+) s$/.exec(JSON.stringify(then.decision.commands).match(/next try in \d+ s/)?.[0] ?? '')?.[1] ?? '',
      )
      story = given(then.task).after(started())
    }
    assert.deepEqual(waits, ['5', '10', '20', '40', '80', '160', '320', '640'])
    story
      .when(overloaded())
      .becomes('review', 'held: transients-spent', ['show on-hold', 'stream: SHOP-7 is on hold in review…'])
  })

  it('is given the time it asked for', () => {
    given(at('review', 'running'))
      .when(overloaded(90_000))
      .becomes('review', 'ready 7.6', ['start 7.6 agent reviewer for 12-review.md in 90 s'])
  })

  it('is given no more than six hours, and no less than our own wait', () => {
    given(at('review', 'running'))
      .when(overloaded(Number.MAX_SAFE_INTEGER))
      .becomes('review', 'ready 7.6', [`start 7.6 agent reviewer for 12-review.md in ${LONGEST_WAIT_MS / 1000} s`])
    given(at('review', 'running'))
      .when(overloaded(-1))
      .becomes('review', 'ready 7.6', ['start 7.6 agent reviewer for 12-review.md in 5 s'])
  })

  it('keeps its budget over all stages', () => {
    const { task } = given(at('architecture', 'running')).after(overloaded(), started()).when(finished())
    assert.deepEqual([task.stage, task.used.transients], ['development', 1])
  })
})

describe('a run that is lost with its host', () => {
  it('is made again at once, and no attempt is counted', () => {
    const { task } = given(at('review', 'running'))
      .when(lost(true, 'the host of run 7.5 is gone'))
      .becomes('review', 'ready 7.6', ['start 7.6 agent reviewer for 12-review.md'])
      .logs(['note: the host of run 7.5 is gone; a new run is made'])
    assert.deepEqual([task.used.attempts, task.used.crashes], [0, 1])
  })

  it('is made again ten times, and then its hosts died too often', () => {
    let story = given(at('review', 'running'))
    for (let n = 0; n < defaultPolicy.limits.crashes; n += 1) story = story.after(lost(), started())
    story
      .when(lost())
      .becomes('review', 'held: crashes-spent', ['show on-hold', 'stream: SHOP-7 is on hold in review…'])
  })

  it('counts nothing where it was only handed back', () => {
    const { task } = given(at('deploy', 'running', 0))
      .when(lost(false, 'acme/shop was frozen: bad release'))
      .becomes('deploy', 'ready 7.10', ['start 7.10 merge'])
      .logs(['note: acme/shop was frozen: bad release'])
    assert.equal(task.used.crashes, 0)
  })
})
