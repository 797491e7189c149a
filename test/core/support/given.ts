/** `given(task).when(event).becomes(stage, phase, commands)`: a decision as one readable row. */
import assert from 'node:assert/strict'
import { decide } from '#core/decide.ts'
import type { Decision, Task } from '#core/model.ts'
import type { Policy } from '#core/policy.ts'
import type { StageName } from '#core/words.ts'
import type { Say } from './events.ts'
import { isLog, lineOf, phaseOf } from './lines.ts'
import { rulesOf } from './tasks.ts'

export interface Outcome {
  /** Where the task is now, and every command but the log, in order. A line that ends in `…` is a beginning. */
  becomes(stage: StageName, phase: string, commands: readonly string[]): Outcome
  /** Exactly these lines went into the task's timeline. */
  logs(lines: readonly string[]): Outcome
  /** A person was told why not, and nothing else happened. */
  refused(sentence: string): Outcome
  changesNothing(): Outcome
  readonly task: Task
  readonly decision: Decision
}

export interface Given {
  after(...events: Say[]): Given
  when(event: Say): Outcome
  readonly task: Task
}

/** Each event is a second later than the task's phase, or than the event before it. */
export function given(task: Task, policy: Partial<Policy> = {}, now = task.phase.since + 1_000): Given {
  return {
    task,
    after: (...events) =>
      events.reduce<Given>(
        (so, event, index) => {
          const { decision } = so.when(event)
          assert.equal(decision.refused, undefined)
          return given(decision.task, policy, now + (index + 1) * 1_000)
        },
        given(task, policy, now),
      ),
    when: (event) => result(task, decide(task, event(task, now), rulesOf(policy)), now),
  }
}

function result(before: Task, decision: Decision, now: number): Outcome {
  const lines = (wantsLog: boolean) =>
    decision.commands.filter((command) => isLog(command) === wantsLog).map((command) => lineOf(command, now))
  const self: Outcome = {
    task: decision.task,
    decision,
    becomes: (stage, phase, commands) => {
      assert.equal(decision.refused, undefined)
      const actual = lines(false).map((line, index) => shortened(line, commands[index]))
      assert.deepEqual(
        { stage: decision.task.stage, phase: phaseOf(decision.task), commands: actual },
        { stage, phase, commands },
      )
      return self
    },
    logs: (expected) => {
      assert.deepEqual(lines(true), expected)
      return self
    },
    refused: (sentence) => {
      assert.deepEqual(decision, { task: before, commands: [], refused: sentence })
      return self
    },
    changesNothing: () => {
      assert.deepEqual(decision, { task: before, commands: [] })
      return self
    },
  }
  return self
}

const shortened = (line: string, expected: string | undefined): string =>
  expected?.endsWith('…') && line.startsWith(expected.slice(0, -1)) ? expected : line
