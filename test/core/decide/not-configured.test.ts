import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Task } from '#core/model.ts'
import type { Policy } from '#core/policy.ts'
import { finished, lost, started, stopBy } from '../support/events.ts'
import { given } from '../support/given.ts'
import { heldFor } from '../support/held.ts'
import { at, full, journey } from '../support/tasks.ts'

/** Kinds of the runs that a task takes from the queue to its end, and what was passed over and why. */
function wholeWay(over: Partial<Policy>) {
  const { way, task } = journey({ stage: 'done', phase: 'final' }, over)
  const commands = way.flatMap((decision) => decision.commands)
  return {
    stage: task.stage,
    runs: commands.flatMap((command) =>
      command.type === 'start-run' ? [command.role ?? command.target ?? command.kind] : [],
    ),
    passedOver: commands.flatMap((command) =>
      command.type === 'log' && command.entry.is === 'verdict' && /not configured/.test(command.entry.sentence)
        ? [`${command.entry.gate} ${command.entry.verdict}: ${command.entry.sentence}`]
        : [],
    ),
  }
}
const FIRST = ['analyst', 'architect', 'developer', 'check', 'reviewer', 'tester', 'check']

describe('a task that has ended', () => {
  const ended = (task: Task) => [task.step, task.window, task.lane, task.notes, task.ending, task.phase.is]
  const BARE = [0, null, false, [], null, 'final']

  it('owns nothing any more when it is done', () => {
    const { task } = journey({ stage: 'done', phase: 'final' }, full)
    assert.deepEqual(ended(task), BARE)
    const noted = { ...at('deploy', 'running', 3, full), notes: ['a note'] }
    assert.deepEqual(ended(given(noted, full).when(finished()).task), BARE)
  })

  it('owns nothing any more when it is cancelled', () => {
    const noted = { ...heldFor('question'), notes: ['a note'], step: 1 }
    assert.deepEqual(ended(given(noted, full).when(stopBy('Mia')).task), BARE)
  })

  it('has no window open, also where production was taken out of the configuration meanwhile', () => {
    const merged = at('deploy', 'ready', 2, full)
    assert.notEqual(merged.window, null)
    const { task } = given(merged, {}).after(lost(false), started()).when(finished())
    assert.deepEqual(ended(task), BARE)
  })
})

describe('a project', () => {
  it('with nothing but a check command is merged by it alone, and says so', () => {
    assert.deepEqual(wholeWay({}), {
      stage: 'done',
      runs: [...FIRST, 'deployer', 'merge', 'deployer'],
      passedOver: [
        'ci-green pass: CI contexts are not configured',
        'staging-verified pass: staging is not configured',
        'production-verified pass: production is not configured',
      ],
    })
  })

  it('with staging, production and CI passes nothing over', () => {
    assert.deepEqual(wholeWay({ staging: true, production: true, requiredContexts: ['build'] }), {
      stage: 'done',
      runs: [...FIRST, 'staging', 'deployer', 'merge', 'production', 'deployer'],
      passedOver: [],
    })
  })
})
