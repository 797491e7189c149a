import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { answeredBy, approvedBy, edited, failed, letIn, opened, retryBy, reworkBy, started } from '../support/events.ts'
import { given } from '../support/given.ts'
import { everyStep, full, newTask } from '../support/tasks.ts'

describe('a queued task', () => {
  it('is let in: it owns the lane, and the analyst begins', () => {
    const { task } = given(newTask())
      .when(letIn())
      .becomes('analysis', 'ready 7.1', ['show analysis', 'start 7.1 agent analyst for 01-analysis.md'])
      .logs(['queued → analysis: let in'])
    assert.deepEqual({ lane: task.lane, visit: task.visit, runs: task.runs }, { lane: true, visit: 1, runs: 1 })
  })

  it('takes note of an edit and stays where it is', () => {
    const { task } = given(newTask()).when(edited('item-b')).becomes('queued', 'waiting on let-in', [])
    assert.equal(task.item.digest, 'item-b')
  })

  it('knows its edit already when it comes twice', () => {
    given(newTask()).after(edited('item-b')).when(edited('item-b')).changesNothing()
  })

  it('hears no word of a run, since it has none', () => {
    for (const word of [started('7.1'), failed()]) given(newTask()).when(word).changesNothing()
  })

  it('has nothing to approve, send back, retry or answer, and says so', () => {
    given(newTask())
      .when(approvedBy('Mia'))
      .refused('SHOP-7 does not wait for an approval (queued, waiting: waits to be let in).')
    given(newTask())
      .when(reworkBy('Mia'))
      .refused('SHOP-7 cannot be sent back now (queued, waiting: waits to be let in).')
    given(newTask())
      .when(retryBy('Mia'))
      .refused('SHOP-7 is not on a hold that `retry` leads out of (queued, waiting: waits to be let in).')
    given(newTask())
      .when(answeredBy('Mia'))
      .refused('SHOP-7 has not asked anything (queued, waiting: waits to be let in).')
  })
})

describe('a task that was let in', () => {
  it('is not let in again, wherever it stands', () => {
    for (const task of everyStep().filter(({ stage }) => stage !== 'queued'))
      given(task, full).when(letIn()).changesNothing()
  })

  it('is not opened again, wherever it stands', () => {
    for (const task of everyStep().filter(({ phase }) => phase.is !== 'final'))
      given(task, full).when(opened()).changesNothing()
  })
})
