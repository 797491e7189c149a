import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  badFacts,
  failed,
  finished,
  lost,
  observed,
  overloaded,
  reworkBy,
  settled,
  started,
  stopBy,
  stopped,
  windowOpened,
} from '../support/events.ts'
import { given } from '../support/given.ts'
import { at, full } from '../support/tasks.ts'

describe('STOP in the window', () => {
  const merging = at('deploy', 'running', 0, full)
  const open = given(merging, full).when(windowOpened())
  const recorded = given(open.task, full).when(stopBy('Mia'))

  it('is recorded at once, and the merge goes on', () => {
    recorded.becomes('deploy', 'running 7.10', [
      'stream: STOP by Mia is recorded. SHOP-7 is between merge and production…',
    ])
    assert.deepEqual([recorded.task.stop?.by, recorded.task.window?.head], ['Mia', 'sha-7.9'])
  })

  it('is recorded once', () => {
    given(recorded.task, full).when(stopBy('Noor')).refused('SHOP-7 is being stopped already, since Mia asked for it.')
  })

  it('is carried out when production is verified, and what is live is said', () => {
    const merged = given(recorded.task, full)
      .when(finished())
      .becomes('deploy', 'ready 7.11', ['start 7.11 deploy production'])
    given(merged.task, full)
      .after(started())
      .when(finished())
      .becomes('cancelled', 'final', [
        'drop effects',
        'salvage',
        'remove workspace',
        'delete branch',
        'show cancelled',
        'stream: SHOP-7 is cancelled. Stopped by Mia. It had been merged as merge-7, and it is live in production (merge-7).',
      ])
  })

  it('is carried out when the merge is made, where there is no production', () => {
    const { task } = given(recorded.task).when(finished())
    assert.deepEqual([task.stage, task.evidence.merge?.merge], ['cancelled', 'merge-7'])
  })

  it('is carried out instead of a hold that says for certain that nothing was merged', () => {
    const { task, decision } = given(recorded.task, full).when(finished(badFacts))
    assert.deepEqual([task.stage, task.window], ['cancelled', null])
    assert.ok(!decision.commands.some((command) => command.type === 'show-status' && command.status === 'on-hold'))
  })

  const spent = { ...recorded.task, used: { ...recorded.task.used, attempts: 2 } }
  const unsure = given(spent, full).when(failed())

  it('first has it read whether the forge merged, where nobody knows', () => {
    unsure.becomes('deploy', 'waiting on processes', [
      'drop effects',
      'close pull request: SHOP-7 was stopped.',
      'read whether sha-7.9 was merged',
    ])
    assert.deepEqual([unsure.task.window, unsure.task.ending], [null, null])
    assert.ok(unsure.task.phase.is === 'waiting')
    assert.equal(unsure.task.phase.sentence, 'it is being read whether sha-7.9 was merged')
  })

  it('then says what was read', () => {
    const told = (wasMerged: boolean) => {
      const { task, commands } = given(unsure.task, full).when(settled(wasMerged)).decision
      assert.deepEqual([task.stage, task.phase.is, task.evidence.asked], ['cancelled', 'final', undefined])
      return commands.findLast((command) => command.type === 'comment')?.text
    }
    assert.equal(told(true), 'SHOP-7 is cancelled. Stopped by Mia. It had been merged as merge-7.')
    assert.equal(told(false), 'SHOP-7 is cancelled. Stopped by Mia. Nothing was merged.')
  })

  it('does not take another fact for that', () => {
    given(unsure.task, full)
      .when(observed(() => ({ pushed: 'sha-9' })))
      .changesNothing()
    given(unsure.task, full).when(stopBy('Noor')).refused('SHOP-7 is being stopped; nothing else is done with it.')
  })

  it('of a task on hold asks the same where its merge is in doubt', () => {
    const held = given({ ...open.task, used: { ...open.task.used, attempts: 2 } }, full).when(failed()).task
    assert.equal(held.phase.is, 'held')
    given(held, full)
      .when(stopBy('Mia'))
      .becomes('deploy', 'waiting on processes', [
        'drop effects',
        'close pull request: SHOP-7 was stopped.',
        'read whether sha-7.9 was merged',
      ])
    const inRepair = given(held, full).when(reworkBy('Mia')).task
    assert.equal(inRepair.stage, 'development')
  })

  it('is carried out instead of a failed deploy’s hold', () => {
    const { task } = given(recorded.task, full).after(finished(), started()).when(finished(badFacts))
    assert.deepEqual([task.stage, task.evidence.production?.verdict], ['cancelled', 'failed'])
  })

  const moved = (content: 'code' | 'artefacts') =>
    finished((known) => ({
      refreshed: { given: known.lineage.at(-1) ?? '', head: 'sha-new', base: 'base-2', content },
    }))
  const conflict = finished(() => ({ conflict: { base: 'base-2', paths: ['a.ts'] } }))

  it('is carried out when base had moved, after Git was read: the merge that was asked for may have come late', () => {
    for (const end of [moved('code'), moved('artefacts'), conflict])
      given(recorded.task, full)
        .when(end)
        .becomes('deploy', 'waiting on processes', [
          ...(end === conflict ? [] : ['push sha-new']),
          'drop effects',
          'close pull request: SHOP-7 was stopped.',
          'read whether sha-7.9 was merged',
        ])
  })

  it('that comes when the branch is tested anew still has the merge read that was asked for before base moved', () => {
    const again = given(open.task, full).after(moved('code'), started(), stopBy('Mia')).when(stopped())
    again.becomes('testing', 'waiting on processes', [
      'drop effects',
      'close pull request: SHOP-7 was stopped.',
      'read whether sha-7.9 was merged',
    ])
    const { commands } = given(again.task, full).when(settled(true)).decision
    const told = commands.findLast((command) => command.type === 'comment')
    assert.equal(told?.text, 'SHOP-7 is cancelled. Stopped by Mia. It had been merged as merge-7.')
  })

  it('after a rework tells the merge that was sent back', () => {
    const broken = given(open.task, full).after(finished(), started()).when(finished(badFacts)).task
    const { merge, pr, earlierMerges } = given(broken, full).when(reworkBy('Mia')).task.evidence
    assert.deepEqual([merge, pr, earlierMerges], [undefined, undefined, ['merge-7']])
    const { commands } = given(broken, full).after(reworkBy('Mia'), started(), stopBy('Mia')).when(stopped()).decision
    const told = commands.findLast((command) => command.type === 'comment')
    assert.equal(
      told?.text,
      'SHOP-7 is cancelled. Stopped by Mia. Before it was sent back it had been merged as merge-7; nothing more was merged.',
    )
  })

  it('lets an interrupted merge be looked at again, since nobody knows yet whether it was made', () => {
    const ends = [
      [lost(), ''],
      [lost(false), ''],
      [failed(), ''],
      [overloaded(), ' in 5 s'],
    ] as const
    for (const [end, wait] of ends)
      given(recorded.task, full)
        .when(end)
        .becomes('deploy', 'ready 7.11', [`start 7.11 merge${wait}`])
  })

  it('comes too late when the window is closed: the prose is stopped, the merge is told', () => {
    const prose = at('deploy', 'running', 3, full)
    const { commands } = given(prose, full).after(stopBy('Mia')).when(stopped()).decision
    const told = commands.findLast((command) => command.type === 'comment')
    assert.equal(
      told?.text,
      'SHOP-7 is cancelled. Stopped by Mia. It had been merged as merge-7, and it is live in production (merge-7).',
    )
  })

  it('comes before it where the merge had not been begun', () => {
    given(merging, full).when(stopBy('Mia')).becomes('deploy', 'waiting on processes', ['drop effects', 'cancel 7.10'])
    given(given(merging, full).after(stopBy('Mia')).task, full)
      .when(windowOpened(undefined, '7.10'))
      .refused('SHOP-7 is being stopped; nothing else is done with it.')
  })
})
