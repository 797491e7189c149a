import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Policy } from '#core/policy.ts'
import { approvedBy, changeOf, edited, finished, goodFacts, reworkBy, started } from '../support/events.ts'
import { given } from '../support/given.ts'
import { heldFor } from '../support/held.ts'
import { at, full, journey, newTask } from '../support/tasks.ts'

const auto: Partial<Policy> = { approval: 'auto' }
const asking = at('analysis', 'waiting')

describe('an analysis that is written', () => {
  it('waits for a person, and asks in the analyst’s voice', () => {
    given(at('analysis', 'running'))
      .when(finished())
      .becomes('analysis', 'waiting on approval', [
        'push sha-7.1',
        'analyst: Analyst done…',
        'show awaiting-approval',
        'analyst: The analysis of SHOP-7 is ready in docs/tasks/SHOP-7/01-analysis.md on branch orch/SHOP-7. Answer `:approved:` to go on, `:rework: why` to have it done again, `:stop:` to end it.',
      ])
  })

  it('goes on when a person approves it', () => {
    const { task } = given(asking)
      .when(approvedBy('Mia'))
      .becomes('architecture', 'ready 7.2', [
        'stream: SHOP-7: the analysis was approved by Mia.',
        'show analysis',
        'show architecture',
        'start 7.2 agent architect for 02-architecture.md',
      ])
      .logs(['approved pass: approved by Mia', 'analysis → architecture: passed'])
    assert.deepEqual(task.evidence.approval, {
      subject: 'item-a:analysis-7.1',
      by: 'Mia',
      at: asking.phase.since + 1_000,
    })
  })

  it('goes on by an approval that names exactly what is shown', () => {
    assert.equal(given(asking).when(approvedBy('Mia', 'item-a:analysis-7.1')).task.stage, 'architecture')
  })

  it('does not go on by an approval of something else', () => {
    given(asking)
      .when(approvedBy('Mia', 'item-a:analysis-7.0'))
      .refused('SHOP-7 has changed since you looked at it; look at it again and approve what it is now.')
  })

  it('does not go on by a word that was said before there was anything to approve', () => {
    const TOO_EARLY = 'SHOP-7 has changed since you wrote that; look at it again and approve what it is now.'
    const since = asking.phase.since
    given(asking)
      .when(approvedBy('Mia', undefined, since - 1))
      .refused(TOO_EARLY)
    assert.equal(given(asking).when(approvedBy('Mia', undefined, since)).task.stage, 'architecture')
    assert.equal(given(asking).when(approvedBy('Mia', 'item-a:analysis-7.1', since - 1)).task.stage, 'architecture')
    const { task } = given(asking).when(edited('item-b'))
    given(task)
      .when(approvedBy('Mia', undefined, since + 1))
      .refused(TOO_EARLY)
  })

  it('is done again by a person’s rework, and asks again, also where nothing was changed', () => {
    const again = given(asking)
      .when(reworkBy('Mia', 'think of umlauts'))
      .becomes('analysis', 'ready 7.2', [
        'stream: SHOP-7 goes back from analysis to analysis: Mia: think of umlauts.',
        'show analysis',
        'start 7.2 agent analyst for 01-analysis.md',
      ])
    assert.deepEqual([again.task.notes, again.task.used.reworks], [['Mia: think of umlauts'], 1])
    const same = finished((known) => ({
      ...goodFacts(known),
      change: changeOf(known, { content: 'nothing', head: 'sha-7.1' }),
      artefacts: { analysis: { ...goodFacts(known).artefacts?.analysis, digest: 'analysis-7.1' } as never },
    }))
    const keyOf = (commands: readonly { type: string; key?: string }[]) =>
      commands.findLast(({ type }) => type === 'comment')?.key
    const first = given(at('analysis', 'running')).when(finished()).decision
    const second = given(again.task).after(started()).when(same).decision
    assert.equal(second.task.phase.is, 'waiting')
    assert.notEqual(keyOf(second.commands), keyOf(first.commands))
  })

  it('asks for the text as it is after an edit', () => {
    const { task } = given(asking)
      .when(edited('item-b'))
      .becomes('analysis', 'waiting on approval', [
        'show awaiting-approval',
        'analyst: The analysis of SHOP-7 is ready…',
      ])
      .logs(['note: the work item was edited', 'approved pending: a person has to approve the analysis'])
    given(task)
      .when(approvedBy('Mia', 'item-a:analysis-7.1'))
      .refused('SHOP-7 has changed since you looked at it; look at it again and approve what it is now.')
    assert.equal(given(task).when(approvedBy('Mia', 'item-b:analysis-7.1')).task.stage, 'architecture')
  })

  it('passes on its own where the project approves automatically', () => {
    const { task } = given(at('analysis', 'running', 0, auto), auto)
      .when(finished())
      .becomes('architecture', 'ready 7.2', [
        'push sha-7.1',
        'analyst: Analyst done…',
        'show architecture',
        'start 7.2 agent architect for 02-architecture.md',
      ])
    assert.equal(task.evidence.approval?.by, 'the project (approval: auto)')
  })
})

describe('an edit after the approval', () => {
  const editedInReview = given(at('review', 'running')).when(edited('item-b'))

  it('lets the run end, and is told', () => {
    editedInReview
      .becomes('review', 'running 7.5', ['stream: SHOP-7 was edited after its approval…'])
      .logs(['note: the work item was edited'])
  })

  it('stops the task before its next run, which asks anew', () => {
    const waiting = given(editedInReview.task)
      .when(finished())
      .becomes('testing', 'waiting on approval', [
        'push sha-7.5',
        'reviewer: Reviewer done…',
        'show testing',
        'show awaiting-approval',
        'stream: SHOP-7 was edited after its approval…',
      ])
    given(waiting.task)
      .when(approvedBy('Mia'))
      .becomes('testing', 'ready 7.6', [
        'stream: SHOP-7: the analysis was approved by Mia.',
        'show testing',
        'start 7.6 agent tester for 13-test-report.md',
      ])
    given(waiting.task)
      .when(reworkBy('Mia', 'analyse again'))
      .becomes('analysis', 'ready 7.6', [
        'stream: SHOP-7 goes back from testing to analysis: Mia: analyse again.',
        'show analysis',
        'start 7.6 agent analyst for 01-analysis.md',
      ])
  })

  it('while it waits for that asks once more, and then the newest text is meant', () => {
    const { task } = given(editedInReview.task)
      .after(finished())
      .when(edited('item-c'))
      .becomes('testing', 'waiting on approval', [
        'show awaiting-approval',
        'stream: SHOP-7 was edited after its approval…',
      ])
    given(task)
      .when(approvedBy('Mia', 'item-b:analysis-7.1'))
      .refused('SHOP-7 has changed since you looked at it; look at it again and approve what it is now.')
    assert.equal(given(task).when(approvedBy('Mia', 'item-c:analysis-7.1')).task.phase.is, 'ready')
  })

  it('that is taken back asks nothing', () => {
    const { task } = given(editedInReview.task).after(edited('item-a')).when(finished())
    assert.deepEqual([task.stage, task.phase.is], ['testing', 'ready'])
  })

  it('is approved on its own where the project approves automatically', () => {
    const running = at('review', 'running', 0, auto)
    const { task } = given(running, auto).after(edited('item-b')).when(finished())
    assert.deepEqual(
      [task.stage, task.phase.is, task.evidence.approval?.subject],
      ['testing', 'ready', 'item-b:analysis-7.1'],
    )
    given(running, auto).when(edited('item-b')).becomes('review', 'running 7.5', [])
  })

  it('is only noted inside the window', () => {
    const inWindow = at('deploy', 'running', 2, full)
    given(inWindow, full)
      .when(edited('item-b'))
      .becomes('deploy', 'running 7.11', [])
      .logs(['note: the work item was edited while its merge is on the way; it is only noted'])
    const { task } = given(inWindow, full).after(edited('item-b')).when(finished())
    assert.deepEqual([task.stage, task.phase.is], ['deploy', 'ready'])
  })

  it('is only noted once the merge is made, since nothing waits for it any more', () => {
    const after = at('deploy', 'running', 3, full)
    assert.equal(after.window, null)
    given(after, full).when(edited('item-b')).becomes('deploy', 'running 7.12', [])
    assert.equal(given(after, full).after(edited('item-b')).when(finished()).task.stage, 'done')
  })

  it('of the same text is no edit', () => {
    given(at('review', 'running')).when(edited('item-a')).changesNothing()
  })
})

describe('an edit before the approval', () => {
  it('is noted while the analyst is at work', () => {
    given(at('analysis', 'running'))
      .when(edited('item-b'))
      .becomes('analysis', 'running 7.1', [])
      .logs(['note: the work item was edited'])
  })

  it('is what is analysed where it comes in the queue', () => {
    const { task } = given(newTask()).when(edited('item-b'))
    assert.equal(
      journey({ stage: 'architecture', phase: 'ready' }, {}, task).task.evidence.approval?.subject,
      'item-b:analysis-7.1',
    )
  })
})

describe('a protected change', () => {
  const held = heldFor('protected-paths')

  it('goes on when a person approves exactly that change', () => {
    const { task } = given(held)
      .when(approvedBy('Mia', 'digest-1'))
      .becomes('development', 'gated on pull-request', ['show development', 'ensure pull request at sha-7.3'])
    assert.deepEqual(task.evidence.protectedApproval, { diffDigest: 'digest-1', by: 'Mia' })
    assert.equal(task.evidence.approval?.subject, 'item-a:analysis-7.1')
  })

  it('does not go on by the approval of another change', () => {
    given(held)
      .when(approvedBy('Mia', 'digest-0'))
      .refused('SHOP-7 has changed since you looked at it; look at it again and approve what it is now.')
  })

  it('asks again when the next run changes something else', () => {
    const next = finished((known) => ({
      ...goodFacts(known),
      change: changeOf(known, { content: 'code', protectedPaths: ['.ci/run'], diffDigest: 'digest-2' }),
    }))
    const { task } = given({
      ...at('development', 'running'),
      evidence: { ...at('development', 'running').evidence, protectedApproval: { diffDigest: 'digest-1', by: 'Mia' } },
    }).when(next)
    assert.ok(task.phase.is === 'held' && task.phase.shown === 'digest-2')
  })
})

describe('an approval nobody waits for', () => {
  it('is refused with the place of the task', () => {
    given(at('review', 'running'))
      .when(approvedBy('Mia'))
      .refused('SHOP-7 does not wait for an approval (review, running).')
  })
})
