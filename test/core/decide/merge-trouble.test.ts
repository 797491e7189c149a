import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  closedBy,
  finished,
  goodFacts,
  headOf,
  mergedBy,
  openedPullRequest,
  retryBy,
  reworkBy,
  started,
  stopped,
} from '../support/events.ts'
import { given } from '../support/given.ts'
import { heldFor } from '../support/held.ts'
import { at, everyStep, full, journey, newTask } from '../support/tasks.ts'

describe('a pull request that a person merged', () => {
  const withPullRequest = everyStep().filter(
    ({ evidence, phase }) => evidence.pr && !evidence.merge && phase.is !== 'final',
  )
  it('takes the task to production, from wherever it stands, with that merge', () => {
    const stages = withPullRequest
      .filter(({ window }) => window === null)
      .map((task) => {
        const { task: then, decision } = given(task, full).when(mergedBy('Noor'))
        assert.deepEqual([then.stage, then.phase.is, then.step], ['deploy', 'ready', 1], task.stage)
        assert.deepEqual(then.evidence.merge, {
          head: headOf(task),
          base: 'base-1',
          merge: 'merge-by-hand',
          by: 'person',
          treeEqual: false,
        })
        const cancelled = decision.commands.flatMap((command) => (command.type === 'cancel-run' ? [command.run] : []))
        assert.deepEqual(cancelled, task.phase.is === 'ready' || task.phase.is === 'running' ? [task.phase.run] : [])
        return task.stage
      })
    assert.deepEqual([...new Set(stages)], ['development', 'review', 'testing', 'deploy-staging', 'deploy'])
  })

  it('is checked on the merge commit, deployed, verified and done', () => {
    const merged = given(at('review', 'running', 0, full), full)
      .when(mergedBy('Noor'))
      .becomes('deploy', 'ready 7.6', ['cancel 7.5', 'show deploy', 'start 7.6 check'])
      .logs(['review → deploy: Noor merged the pull request', 'merged pass: a person merged the pull request'])
    const { task } = journey({ stage: 'done', phase: 'final' }, full, merged.task)
    assert.equal(task.evidence.production?.sha, 'merge-by-hand')
  })

  it('is merged once, however often it is told', () => {
    const { task } = given(at('review', 'running', 0, full), full).when(mergedBy('Noor'))
    given(task, full).when(mergedBy('Noor')).changesNothing()
  })

  it('holds the task where it is not the tested head, once, however often it is told', () => {
    const held = given(at('deploy', 'ready', 0, full), full)
      .when(mergedBy('Noor', 'sha-of-noor'))
      .becomes('deploy', 'held: foreign-merge', ['cancel 7.10', 'show on-hold', 'stream: SHOP-7 is on hold in deploy…'])
      .logs(['held foreign-merge (stop): Noor merged sha-of-noo, which is not the tested head'])
    given(held.task, full).when(mergedBy('Noor', 'sha-of-noor')).changesNothing()
  })

  it('of another head counts more than another hold', () => {
    given(heldFor('not-merged'), full)
      .when(mergedBy('Noor', 'sha-of-noor'))
      .becomes('deploy', 'held: foreign-merge', ['show on-hold', 'stream: SHOP-7 is on hold in deploy…'])
  })

  it('means nothing to a task that is still queued', () => {
    given(newTask()).when(mergedBy('Noor')).changesNothing()
  })

  it('leaves the stopped run nothing to say', () => {
    const { task } = given(at('review', 'running', 0, full), full).when(mergedBy('Noor'))
    given(task, full)
      .when(finished(goodFacts, { run: '7.5' }))
      .changesNothing()
    given(task, full).when(stopped('7.5')).becomes('deploy', 'ready 7.6', [])
  })

  it('does not answer for the work that comes after it', () => {
    const failedDeploy = given(at('review', 'running', 0, full), full)
      .after(mergedBy('Noor'), started(), finished(), started())
      .when(
        finished((task) => ({
          production: { run: '7.7', sha: task.evidence.merge?.merge ?? '', verdict: 'failed', sentence: 'red' },
        })),
      )
    assert.equal(failedDeploy.task.phase.is, 'held')
    const back = given(failedDeploy.task, full).when(reworkBy('Mia', 'repair it')).task
    assert.deepEqual(
      [back.stage, back.evidence.merge, back.evidence.pr, back.evidence.production],
      ['development', undefined, undefined, undefined],
    )
    const built = given(back, full).after(started()).when(finished())
    built.becomes('development', 'gated on pull-request', [
      'push sha-7.8',
      'developer: Developer done…',
      'ensure pull request at sha-7.8',
    ])
    const again = journey({ stage: 'deploy', phase: 'ready' }, full, built.task).task
    assert.equal(again.step, 0, 'the new work is merged, too')
  })
})

describe('a pull request that a person closed', () => {
  it('holds the task, and its run is cancelled', () => {
    const { task } = given(at('review', 'running'))
      .when(closedBy('Noor'))
      .becomes('review', 'held: pull-request-closed', [
        'cancel 7.5',
        'show on-hold',
        'stream: SHOP-7 is on hold in review…',
      ])
      .logs(['held pull-request-closed (retry, stop): Noor closed pull request #3'])
    assert.equal(task.evidence.pr?.state, 'closed')
  })

  it('does not hold a task that has none, or whose merge is made', () => {
    given(at('development', 'running')).when(closedBy('Noor')).changesNothing()
    given(at('deploy', 'running', 3, full), full)
      .when(closedBy('Noor'))
      .changesNothing()
  })

  it('is opened anew by `retry` where the gate waits for it, and its number is forgotten', () => {
    const gated = at('development', 'gated', 0)
    const held = given(gated)
      .when(openedPullRequest({ state: 'closed' }))
      .becomes('development', 'held: pull-request-closed', [
        'show on-hold',
        'stream: SHOP-7 is on hold in development…',
      ])
    const { task } = given(held.task)
      .when(retryBy('Mia'))
      .becomes('development', 'gated on pull-request', ['show development', 'ensure pull request at sha-7.3'])
    assert.equal(task.evidence.pr, undefined)
  })

  it('does not swallow the work that was under way: `retry` does that again', () => {
    const rework = given(heldFor('not-merged'), full).after(reworkBy('Mia'), started()).when(closedBy('Noor'))
    assert.equal(rework.task.phase.is, 'held')
    given(rework.task, full)
      .when(retryBy('Mia'))
      .becomes('development', 'ready 7.12', ['show development', 'start 7.12 agent developer'])
  })
})

describe('a merge the forge refused', () => {
  const told = (hold: 'no-pull-request' | 'not-merged' | 'merge-unverified' | 'foreign-merge') =>
    given(at('deploy', 'running', 0, full), full).when(
      finished(() => ({ notMerged: { hold, sentence: 'pull request #3 was not merged' } })),
    )
  for (const hold of ['no-pull-request', 'not-merged', 'merge-unverified', 'foreign-merge'] as const)
    it(`holds the task as ${hold}`, () => {
      told(hold).becomes('deploy', `held: ${hold}`, ['show on-hold', 'stream: SHOP-7 is on hold in deploy…'])
    })

  it('is tried again by `retry`, also where there was no pull request', () => {
    for (const hold of ['no-pull-request', 'not-merged', 'merge-unverified'] as const)
      given(told(hold).task, full)
        .when(retryBy('Mia'))
        .becomes('deploy', 'ready 7.11', ['show deploy', 'start 7.11 merge'])
  })
})
