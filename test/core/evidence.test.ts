import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { approvalSubject, type ChangeFact, headOf, holds, learn } from '#core/evidence.ts'
import {
  aheadOfBase,
  checkPasses,
  ciGreen,
  reviewApproved,
  scopeKept,
  stagingVerified,
  testsPassed,
} from '#core/gates.ts'
import { artefactOf, changeOf, checkOf, goodFacts } from './support/events.ts'
import { verdictOf } from './support/judging.ts'
import { at, full, newTask } from './support/tasks.ts'

const ready = at('deploy', 'ready', 0, full)
const after = (content: ChangeFact['content'], task = ready) =>
  learn(task, { change: changeOf(task, { head: 'sha-later', content }) })
const gates = [checkPasses, ciGreen, reviewApproved, testsPassed, stagingVerified]
const verdicts = (task = ready) => gates.map((gate) => verdictOf(gate, task, full).split(':')[0])

describe('evidence for a commit', () => {
  it('is there when the task is ready to be merged', () => {
    assert.deepEqual(verdicts(), ['pass', 'pass', 'pass', 'pass', 'pass'])
  })

  it('holds for a later commit that changes only this task’s documents', () => {
    const task = after('artefacts')
    assert.equal(headOf(task), 'sha-later')
    assert.deepEqual(verdicts(task), verdicts())
  })

  it('holds over many such commits', () => {
    const task = ['a', 'b', 'c'].reduce(
      (so, head) => learn(so, { change: changeOf(so, { head, content: 'artefacts' }) }),
      ready,
    )
    assert.equal(headOf(task), 'c')
    assert.deepEqual(verdicts(task), verdicts())
  })

  it('holds where base’s documents were brought in', () => {
    const given = headOf(ready) ?? ''
    const task = learn(ready, { refreshed: { given, head: 'sha-later', base: 'base-2', content: 'artefacts' } })
    assert.deepEqual([headOf(task), task.base, verdicts(task)], ['sha-later', 'base-2', verdicts()])
  })

  it('is void for a commit that changes anything else', () => {
    const task = after('code')
    assert.deepEqual(task.lineage, ['sha-later'])
    assert.deepEqual(verdicts(task), ['fail', 'pending on ci', 'again', 'again', 'human (staging-inconclusive)'])
  })

  it('is void where base brought in anything else', () => {
    const given = headOf(ready) ?? ''
    const task = learn(ready, { refreshed: { given, head: 'sha-later', base: 'base-2', content: 'code' } })
    assert.deepEqual(verdicts(task), ['fail', 'pending on ci', 'again', 'again', 'human (staging-inconclusive)'])
  })

  it('stays void when documents follow', () => {
    const task = learn(after('code'), { change: changeOf(after('code'), { head: 'sha-last', content: 'artefacts' }) })
    assert.deepEqual(task.lineage, ['sha-later', 'sha-last'])
    assert.deepEqual(verdicts(task), ['fail', 'pending on ci', 'again', 'again', 'human (staging-inconclusive)'])
  })

  it('is untouched by a run that changed nothing', () => {
    const task = learn(ready, { change: changeOf(ready, { head: headOf(ready) ?? '', content: 'nothing' }) })
    assert.deepEqual(task.lineage, ready.lineage)
  })

  it('does not hold where there is none', () => {
    assert.equal(holds(ready, undefined), false)
    assert.equal(holds(newTask(), { sha: 'sha-1' }), false)
  })
})

describe('what is learnt', () => {
  it('of the first run is where the branch begins', () => {
    const cut = learn(newTask(), { base: 'base-1' })
    assert.deepEqual([cut.base, cut.lineage, headOf(cut)], ['base-1', ['base-1'], 'base-1'])
    const written = learn(newTask(), {
      base: 'base-1',
      change: changeOf(newTask(), { given: 'base-1', head: 'sha-1' }),
    })
    assert.deepEqual([written.base, written.lineage], ['base-1', ['base-1', 'sha-1']])
    const built = learn(newTask(), {
      base: 'base-1',
      change: changeOf(newTask(), { given: 'base-1', head: 'sha-1', content: 'code' }),
    })
    assert.deepEqual(built.lineage, ['sha-1'])
  })

  it('of base later moves neither branch nor base: only what was brought in does', () => {
    const task = learn(ready, { base: 'base-9' })
    assert.deepEqual([task.base, task.lineage], [ready.base, ready.lineage])
  })

  it('replaces the fact of its name and keeps the others', () => {
    const check = checkOf(ready, { sentence: 'newer' })
    const task = learn(ready, { check })
    assert.deepEqual(task.evidence, { ...ready.evidence, check })
    const review = artefactOf(ready, 'review', { digest: 'newer' })
    assert.deepEqual(learn(ready, { artefacts: { review } }).evidence.artefacts, {
      ...ready.evidence.artefacts,
      review,
    })
  })

  it('never contains an approval, a conflict or a refusal: those are no facts about content', () => {
    const task = learn(ready, { conflict: { base: 'b', paths: [] }, notMerged: { hold: 'not-merged', sentence: '' } })
    assert.deepEqual(task.evidence, ready.evidence)
  })

  it('of nothing changes nothing', () => assert.deepEqual(learn(ready, {}), ready))
})

describe('a branch that has not been cut', () => {
  it('has no head, and no run of it has a record', () => {
    assert.equal(headOf(newTask()), null)
    assert.deepEqual(
      [scopeKept, aheadOfBase].map((gate) => gate.judge(newTask(), {} as never).is),
      ['again', 'again'],
    )
  })
})

describe('the subject of an approval', () => {
  it('is another one for another text and for another analysis', () => {
    const task = at('analysis', 'waiting')
    const subjects = [
      approvalSubject(newTask()),
      approvalSubject(task),
      approvalSubject({ ...task, item: { ...task.item, digest: 'item-b' } }),
      approvalSubject(learn(task, { artefacts: { analysis: artefactOf(task, 'analysis', { digest: 'other' }) } })),
    ]
    assert.deepEqual(subjects, ['item-a:none', 'item-a:analysis-7.1', 'item-b:analysis-7.1', 'item-a:other'])
  })

  it('is the same over all that comes after it', () => {
    assert.equal(approvalSubject(learn(ready, goodFacts(ready))), approvalSubject(at('analysis', 'waiting')))
  })
})
