import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  closedBy,
  edited,
  failed,
  finished,
  lost,
  mergedBy,
  overloaded,
  retryBy,
  started,
  windowOpened,
} from '../support/events.ts'
import { given } from '../support/given.ts'
import { heldFor } from '../support/held.ts'
import { at, full } from '../support/tasks.ts'

const merging = at('deploy', 'running', 0, full)
const open = given(merging, full).when(windowOpened())

describe('the window', () => {
  it('opens with the intent to merge the tested head', () => {
    open.becomes('deploy', 'running 7.10', []).logs(['note: the window is open: sha-7.9 is to be merged'])
    assert.deepEqual(open.task.window, {
      run: '7.10',
      since: merging.phase.since + 1_000,
      head: 'sha-7.9',
      merge: null,
    })
  })

  it('remembers what the forge was asked to merge, until somebody has read whether it did', () => {
    assert.equal(open.task.evidence.asked, 'sha-7.9')
    const refreshed = { given: 'sha-7.9', head: 'sha-new', base: 'base-2', content: 'artefacts' } as const
    const notMerged = (hold: 'not-merged' | 'no-pull-request' | 'merge-unverified' | 'foreign-merge') =>
      finished(() => ({ notMerged: { hold, sentence: 'no' } }))
    const settledBy = [finished(), notMerged('not-merged')]
    for (const end of settledBy) assert.equal(given(open.task, full).when(end).task.evidence.asked, undefined)
    const unsure = [
      failed(),
      overloaded(),
      lost(),
      lost(false),
      finished(() => ({ refreshed })),
      finished(() => ({ conflict: { base: 'base-2', paths: [] } })),
      notMerged('merge-unverified'),
      notMerged('no-pull-request'),
    ]
    for (const end of unsure) assert.equal(given(open.task, full).when(end).task.evidence.asked, 'sha-7.9')
  })

  it('does not open for what was edited after its approval', () => {
    const { task } = given(merging, full).when(edited('item-b'))
    given(task, full).when(windowOpened()).refused('SHOP-7 was edited after its approval')
    assert.equal(given(open.task, full).after(edited('item-b')).when(windowOpened()).task.window?.head, 'sha-7.9')
  })

  it('does not open for another head', () => {
    given(merging, full).when(windowOpened('sha-7.3')).refused('sha-7.3 is not the tested head of SHOP-7')
  })

  it('does not open in another stage', () => {
    given(at('review', 'running')).when(windowOpened()).refused('SHOP-7 is in review, where nothing is merged')
  })

  it('stays open from the merge to the production verdict', () => {
    const merged = given(open.task, full)
      .when(finished())
      .becomes('deploy', 'ready 7.11', ['start 7.11 deploy production'])
    assert.equal(merged.task.window?.head, 'sha-7.9')
    const live = given(merged.task, full)
      .after(started())
      .when(finished())
      .becomes('deploy', 'ready 7.12', ['start 7.12 agent deployer for 15-deploy-log.md'])
    assert.equal(live.task.window, null)
  })

  it('closes with the merge where there is no production', () => {
    const { task } = given(open.task, {}).when(finished())
    assert.equal(task.window, null)
    assert.deepEqual([task.stage, task.step], ['deploy', 3])
  })

  it('closes with a hold', () => {
    assert.equal(heldFor('deploy-failed').window, null)
  })

  it('stays open over a lost, an overloaded and a failed merge, and keeps its beginning', () => {
    for (const end of [lost(), lost(false), overloaded(), failed()]) {
      const again = given(open.task, full).after(end, started()).when(windowOpened())
      assert.deepEqual([again.task.window?.since, again.task.window?.run], [open.task.window?.since, '7.11'])
    }
  })

  it('is not disturbed by what people do to the pull request', () => {
    given(open.task, full).when(mergedBy('Noor')).changesNothing()
    given(open.task, full).when(closedBy('Noor')).changesNothing()
  })

  it('opens anew for a task that a person sent on', () => {
    const { task } = given(heldFor('not-merged'), full).after(retryBy('Mia'), started()).when(windowOpened())
    assert.equal(task.window?.run, '7.11')
  })
})

describe('a merge whose content is not what was tested', () => {
  const merged = given(open.task, full).when(
    finished((task) => ({
      merge: { head: 'sha-7.9', base: task.base ?? '', merge: 'merge-7', by: 'orch', treeEqual: false },
    })),
  )

  it('is checked itself before anything is deployed', () => {
    merged.becomes('deploy', 'ready 7.11', ['start 7.11 check'])
    given(merged.task, full)
      .after(started())
      .when(finished())
      .becomes('deploy', 'ready 7.12', ['start 7.12 deploy production'])
      .logs(['merge-checked pass: the check command passed on the merge commit'])
  })

  it('holds the task where it fails', () => {
    const red = finished((task) => ({
      check: { ...task.evidence.check, sha: 'merge-7', verdict: 'fail', sentence: 'exit 1: red' } as never,
    }))
    given(merged.task, full)
      .after(started())
      .when(red)
      .becomes('deploy', 'held: deploy-failed', ['show on-hold', 'stream: SHOP-7 is on hold in deploy…'])
  })
})
