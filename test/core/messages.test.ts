import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exitsOf, HOLDS, type HoldReason } from '#core/holds.ts'
import * as say from '#core/messages.ts'
import { newTask } from './support/tasks.ts'

const task = newTask({ stage: 'review' })
const stop = { by: 'Mia', at: 0 }
const merge = { head: 'h', base: 'b', merge: '0123456789abcdef', by: 'orch', treeEqual: true } as const
const production = { run: '7.9', sha: '0123456789abcdef', verdict: 'success', sentence: 'green' } as const

describe('what Orch says in the tracker', () => {
  it('at the start of a run', () => assert.equal(say.started('tester', 'testing'), 'Tester started (testing).'))

  it('at the end of a run, with its usage and its document', () => {
    assert.equal(
      say.finished(
        'developer',
        { input: 7_100, cacheRead: 30_000, cacheCreation: 8_100, output: 12_100, costUsd: 0.214 },
        null,
      ),
      'Developer done · 45.2k in (38.1k cached) / 12.1k out · $0.21',
    )
    assert.equal(
      say.finished('reviewer', undefined, 'docs/tasks/SHOP-7/12-review.md'),
      'Reviewer done · no usage reported · docs/tasks/SHOP-7/12-review.md',
    )
  })

  it('when it asks for an approval, and when it asks again', () => {
    assert.equal(
      say.approvalRequest(task, true),
      'The analysis of SHOP-7 is ready in docs/tasks/SHOP-7/01-analysis.md on branch orch/SHOP-7. Answer `:approved:` to go on, `:rework: why` to have it done again, `:stop:` to end it.',
    )
    assert.equal(
      say.approvalAgain(task, true),
      'SHOP-7 was edited after its approval and waits. Answer `:approved:` for the text as it is now, `:rework: why` to analyse again, `:stop:` to end it.',
    )
    assert.equal(say.approvedBy(task, 'Mia'), 'SHOP-7: the analysis was approved by Mia.')
  })

  it('when a task goes back', () => {
    assert.equal(
      say.sentBack(task, 'development', 'names are unclear'),
      'SHOP-7 goes back from review to development: names are unclear.',
    )
    assert.equal(say.sentBack(task, 'development', 'Why so?'), 'SHOP-7 goes back from review to development: Why so?')
  })

  it('when STOP has to wait', () => {
    assert.equal(
      say.stoppingAfterDeploy(task, 'Mia'),
      'STOP by Mia is recorded. SHOP-7 is between merge and production; it is carried out as soon as that has honestly ended.',
    )
  })

  it('when a task is cancelled: what was merged, what is live, and nothing more', () => {
    const cancelled = (evidence: object) => say.cancelledBy({ ...task, stop, evidence: { artefacts: {}, ...evidence } })
    assert.equal(cancelled({}), 'SHOP-7 is cancelled. Stopped by Mia. Nothing was merged.')
    assert.equal(cancelled({ merge }), 'SHOP-7 is cancelled. Stopped by Mia. It had been merged as 0123456789.')
    assert.equal(
      cancelled({ merge, production }),
      'SHOP-7 is cancelled. Stopped by Mia. It had been merged as 0123456789, and it is live in production (0123456789).',
    )
    assert.equal(
      cancelled({ merge, production: { ...production, verdict: 'failed' } }),
      'SHOP-7 is cancelled. Stopped by Mia. It had been merged as 0123456789.',
    )
    assert.equal(say.cancelledBy(task), 'SHOP-7 is cancelled. Stopped. Nothing was merged.')
  })

  it('when a task is done: what was merged, and who used how much', () => {
    const spent = {
      analyst: { runs: 1, usage: { input: 100, output: 10, costUsd: 0.1 } },
      developer: { runs: 2, usage: { input: 1_000, output: 500, costUsd: 0.2 } },
    }
    assert.equal(
      say.done({ ...task, spent, evidence: { artefacts: {}, merge } }),
      [
        'SHOP-7 is done: merged as 0123456789. 3 runs, 1.1k in / 510 out · $0.30.',
        'Analyst: 1 run, 100 in / 10 out · $0.10',
        'Developer: 2 runs, 1.0k in / 500 out · $0.20',
      ].join('\n'),
    )
  })
})

describe('the word of a hold', () => {
  for (const reason of Object.keys(HOLDS) as HoldReason[])
    it(`names task, stage, reason and exactly the ways on: ${reason}`, () => {
      const text = say.held(task, reason, 'the probes are red', exitsOf(reason))
      assert.ok(
        text.startsWith(`SHOP-7 is on hold in review: ${HOLDS[reason].title}. the probes are red. Ways on: `),
        text,
      )
      const words = {
        retry: ':retry:',
        rework: ':rework: why',
        answer: ':answer: …',
        approve: ':approved:',
        stop: ':stop:',
      }
      const offered = [...text.matchAll(/`([^`]+)`/g)].map(([, word]) => word)
      assert.deepEqual(
        offered,
        HOLDS[reason].exits.map((exit) => words[exit]),
      )
    })

  it('is a whole sentence each, however it was given', () => {
    assert.match(say.held(task, 'question', 'Which colour?', exitsOf('question')), /\. Which colour\? Ways on: /)
    assert.match(say.held(task, 'question', 'Say which.', exitsOf('question')), /\. Say which\. Ways on: /)
  })
})
