import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Policy } from '#core/policy.ts'
import { journey } from '../support/tasks.ts'

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
