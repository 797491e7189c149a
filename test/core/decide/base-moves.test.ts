import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ChangeFact } from '#core/evidence.ts'
import { finished, retryBy, windowOpened } from '../support/events.ts'
import { given } from '../support/given.ts'
import { at, full, journey } from '../support/tasks.ts'

const merging = at('deploy', 'running', 0, full)
const moved = (content: ChangeFact['content']) =>
  finished((task) => ({ refreshed: { given: task.lineage.at(-1) ?? '', head: 'sha-new', base: 'base-2', content } }))
const conflict = finished(() => ({ conflict: { base: 'base-2-long-name', paths: ['a.ts', 'b.ts'] } }))

describe('base that moved before the merge', () => {
  const refreshed = given(merging, full).when(moved('code'))

  it('is brought in and published, and the task is tested anew; no rework is counted', () => {
    refreshed
      .becomes('testing', 'ready 7.11', [
        'push sha-new',
        'show testing',
        'start 7.11 agent tester for 13-test-report.md',
      ])
      .logs(['deploy → testing: base moved and was brought in'])
    const { used, base, lineage } = refreshed.task
    assert.deepEqual([used.reworks, used.refreshes, base, lineage], [0, 1, 'base-2', ['sha-new']])
  })

  it('keeps the review, and nothing else', () => {
    const { review, test } = refreshed.task.evidence.artefacts
    assert.deepEqual([review?.sha, test?.sha], ['sha-new', 'sha-7.5'])
    assert.equal(refreshed.task.evidence.check?.sha, 'sha-7.6')
    const { way } = journey({ stage: 'deploy', phase: 'ready' }, full, refreshed.task)
    const kinds = way.flatMap(({ commands }) =>
      commands.flatMap((command) => (command.type === 'start-run' ? [command.role ?? command.kind] : [])),
    )
    assert.deepEqual(kinds, ['check', 'deploy', 'deployer', 'merge'])
  })

  it('closes the window, since nothing was merged', () => {
    const { task } = given(given(merging, full).after(windowOpened()).task, full).when(moved('code'))
    assert.equal(task.window, null)
  })

  it('is brought in three times; the fourth holds the task', () => {
    const third = { ...merging, used: { ...merging.used, refreshes: 2 } }
    assert.equal(given(third, full).when(moved('code')).task.stage, 'testing')
    const fourth = { ...merging, used: { ...merging.used, refreshes: 3 } }
    const held = given(fourth, full)
      .when(moved('code'))
      .becomes('deploy', 'held: refreshes-spent', [
        'push sha-new',
        'show on-hold',
        'stream: SHOP-7 is on hold in deploy…',
      ])
      .logs(['held refreshes-spent (retry, stop): base moved again each time the branch had been tested'])
    assert.equal(held.task.evidence.artefacts.review?.sha, 'sha-new')
    const { task } = given(held.task, full)
      .when(retryBy('Mia'))
      .becomes('testing', 'ready 7.11', [
        'show deploy',
        'show testing',
        'start 7.11 agent tester for 13-test-report.md',
      ])
      .logs(['deploy → testing: Mia granted one more refresh of base'])
    assert.deepEqual([task.used.refreshes, task.granted.refreshes], [4, 1])
  })

  it('voids nothing where only documents of tasks came with it: the merge goes on', () => {
    const { task } = given(given(merging, full).after(windowOpened()).task, full)
      .when(moved('artefacts'))
      .becomes('deploy', 'ready 7.11', ['push sha-new', 'start 7.11 merge'])
    assert.deepEqual([task.used.refreshes, task.window, task.base], [0, null, 'base-2'])
    assert.deepEqual(task.lineage.slice(-2), ['sha-7.9', 'sha-new'])
  })
})

describe('base that conflicts', () => {
  it('sends the task back to the developer, told where, as a rework', () => {
    const { task } = given(given(merging, full).after(windowOpened()).task, full)
      .when(conflict)
      .becomes('development', 'ready 7.11', [
        'stream: SHOP-7 goes back from deploy to development: base moved to base-2-lon and conflicts in a.ts, b.ts: bring it in and resolve the conflict.',
        'show development',
        'start 7.11 agent developer',
      ])
    assert.deepEqual([task.used.reworks, task.window], [1, null])
    assert.equal(
      task.notes[0],
      'base moved to base-2-lon and conflicts in a.ts, b.ts: bring it in and resolve the conflict',
    )
  })

  it('names ten files and no more', () => {
    const many = finished(() => ({ conflict: { base: 'b', paths: [...'abcdefghijklm'] } }))
    assert.match(given(merging, full).when(many).task.notes[0] ?? '', /in a, b, c, d, e, f, g, h, i, j: bring/)
  })

  it('holds the task where it was sent back as often as allowed', () => {
    const spent = { ...merging, used: { ...merging.used, reworks: 5 } }
    given(spent, full)
      .when(conflict)
      .becomes('deploy', 'held: reworks-spent', ['show on-hold', 'stream: SHOP-7 is on hold…'])
  })
})
