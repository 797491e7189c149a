import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decide } from '#core/decide.ts'
import type { Gate, Verdict } from '#core/gates.ts'
import { pipeline } from '#core/pipeline.ts'
import { finished } from '../support/events.ts'
import { lineOf, phaseOf } from '../support/lines.ts'
import { at, rulesOf } from '../support/tasks.ts'

const verdicts = {
  pass: { is: 'pass', sentence: 'good' },
  fail: { is: 'fail', sentence: 'not good' },
  again: { is: 'again', sentence: 'not done' },
  pending: { is: 'pending', on: 'ci', sentence: 'not known' },
  human: { is: 'human', hold: 'base-broken', sentence: 'not ours to say' },
} as const satisfies Record<Verdict['is'], Verdict>
type Word = keyof typeof verdicts

const gateOf = (word: Word, index: number): Gate => ({
  name: `gate-${index}`,
  describe: word,
  judge: () => verdicts[word],
})

/** A review whose gates say exactly this. */
function review(...words: Word[]) {
  const task = at('review', 'running')
  const [step] = pipeline.review.steps
  assert.ok(step)
  const rules = rulesOf()
  const reviewed = { ...pipeline.review, steps: [{ ...step, gates: words.map(gateOf) }] }
  const now = task.phase.since + 1_000
  const decision = decide(task, finished()(task, now), { ...rules, pipeline: { ...rules.pipeline, review: reviewed } })
  return {
    place: `${decision.task.stage}, ${phaseOf(decision.task)}`,
    notes: decision.task.notes,
    lane: decision.task.lane,
    log: decision.commands.filter(({ type }) => type === 'log').map((command) => lineOf(command, now)),
  }
}

const AGAIN = 'review, ready 7.6'
const BACK = 'development, ready 7.6'
const ON = 'testing, ready 7.6'
const HELD = 'review, held: base-broken'
const WAITS = 'review, gated on ci'

describe('gates judged together', () => {
  const table: readonly (readonly [...Word[], string])[] = [
    ['pass', 'pass', ON],
    ['pass', 'fail', BACK],
    ['fail', 'fail', BACK],
    ['fail', 'again', AGAIN],
    ['again', 'human', AGAIN],
    ['human', 'fail', BACK],
    ['fail', 'human', BACK],
    ['pending', 'fail', BACK],
    ['pending', 'again', AGAIN],
    ['pending', 'human', HELD],
    ['human', 'pending', HELD],
    ['human', 'pass', HELD],
    ['pending', 'pass', WAITS],
    ['pass', 'pending', WAITS],
  ]
  for (const row of table) {
    const words = row.slice(0, -1) as Word[]
    const place = row.at(-1)
    it(`${words.join(' and ')}: ${place}`, () => assert.equal(review(...words).place, place))
  }

  it('that find base broken let the next task have the lane, and no others do', () => {
    assert.deepEqual([review('human').lane, review('pending').lane, review('fail').lane], [false, true, true])
  })

  it('pass where there is none', () => assert.equal(review().place, ON))

  it('are each written down with their sentence', () => {
    assert.deepEqual(review('pass', 'pending', 'human', 'again').log, [
      'gate-0 pass: good',
      'gate-1 pending: not known',
      'gate-2 human: not ours to say',
      'gate-3 fail: not done',
      'note: again: not done',
    ])
  })

  it('tell the next run every reason, and no sentence that is none', () => {
    assert.deepEqual(review('fail', 'pass', 'again', 'human').notes, ['not good', 'not done'])
    assert.deepEqual(review('fail', 'pending', 'fail').notes, ['not good', 'not good'])
  })
})

describe('a verdict', () => {
  it('is written down with the commit it speaks of', () => {
    const task = at('architecture', 'running')
    const { commands } = decide(task, finished()(task, task.phase.since + 1), rulesOf())
    const shas = commands.flatMap((command) =>
      command.type === 'log' && command.entry.is === 'verdict' ? [command.entry.sha] : [],
    )
    assert.deepEqual(shas, ['sha-7.2', 'sha-7.2'])
  })
})
