import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { agentSetBy, asked, failed, finished, goodFacts, limited, retryBy, started } from '../support/events.ts'
import { given } from '../support/given.ts'
import { at, T0 } from '../support/tasks.ts'

const HOUR = 3_600_000

describe('an account at its limit', () => {
  it('is waited for, and neither an attempt nor the budget for overload is spent', () => {
    const task = at('development', 'running')
    const outcome = given(task).when(limited(2 * HOUR))
    outcome.becomes('development', 'ready 7.4', [`start 7.4 agent developer in ${2 * 3600} s`])
    assert.deepEqual(outcome.task.used, task.used)
    assert.match(JSON.stringify(outcome.decision.commands), /it goes on in 120 min/)
  })

  it('is asked again after a minute where the limit is said to be over, and within eight days where it never is', () => {
    const task = at('development', 'running')
    const due = (ms: number) => {
      const start = given(task)
        .when(limited(ms))
        .decision.commands.find((command) => command.type === 'start-run')
      return start?.type === 'start-run' ? start.notBefore - task.phase.since - 1_000 : null
    }
    assert.equal(due(-HOUR), 60_000)
    assert.equal(due(1e15), 8 * 24 * HOUR)
  })
})

describe('a budget of money', () => {
  const over = { overBudget: '$5.00 were used by this task; the soft limit is $5.00' }

  it('at its soft limit lets the run count and asks before the next', () => {
    const outcome = given(at('review', 'running')).when(finished(goodFacts, over))
    assert.equal(outcome.task.phase.is === 'held' && outcome.task.phase.reason, 'budget-soft')
    assert.ok(outcome.task.evidence.artefacts.review, 'the review is not lost')
    const on = given(outcome.task).when(retryBy('Mia')).task
    assert.equal(on.stage, 'testing')
    assert.equal(on.allowances, 1)
  })

  it('at its hard limit keeps what was done and holds', () => {
    const task = at('development', 'running')
    const outcome = given(task).when(failed({ code: 'budget', sentence: 'spent' }, goodFacts))
    assert.equal(outcome.task.phase.is === 'held' && outcome.task.phase.reason, 'budget-spent')
    assert.notEqual(outcome.task.lineage.at(-1), task.lineage.at(-1), 'the branch has what the run had done')
    assert.deepEqual(outcome.task.used, task.used, 'no attempt is counted')
    assert.equal(given(outcome.task).when(retryBy('Mia')).task.allowances, 1)
  })

  it('never holds the prose of a release', () => {
    const outcome = given(at('deploy', 'running', 3)).when(finished(goodFacts, over))
    assert.equal(outcome.task.stage, 'done')
  })

  it('a question is asked before money is', () => {
    const outcome = given(at('architecture', 'running')).when(asked())
    assert.equal(outcome.task.phase.is === 'held' && outcome.task.phase.reason, 'question')
  })
})

describe('what a person sets for a task’s agents', () => {
  it('stays with the task; what is said later wins, part by part', () => {
    const { task } = given(at('development', 'ready'))
      .after(agentSetBy('Mia', { model: 'acme-one', effort: 'low' }))
      .when(agentSetBy('Mia', { model: 'acme-two' }))
    assert.deepEqual(task.agent.wish, { model: 'acme-two', effort: 'low' })
  })

  it('for one run counts for that run alone, also when it is lost and made anew', () => {
    const wish = { model: 'acme-large' }
    const held = given(at('development', 'running')).after(
      failed({ code: 'budget', sentence: 'spent' }),
      retryBy('Mia', wish),
      started(),
    )
    assert.deepEqual(held.task.agent.once, wish)
    assert.equal(held.when(finished()).task.agent.once, null)
    assert.equal(held.when(failed()).task.agent.once, null)
  })

  it('is told to nobody once the task has ended', () => {
    const done = { ...at('deploy', 'running'), stage: 'done' as const, phase: { is: 'final' as const, since: T0 } }
    assert.match(given(done).when(agentSetBy('Mia', { model: 'x' })).decision.refused ?? '', /is done already/)
  })
})
