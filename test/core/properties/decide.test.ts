/** Laws of `decide` over arbitrary lives of a task. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decide, type Rules } from '#core/decide.ts'
import { headOf } from '#core/evidence.ts'
import { exitsOf, type HoldExit } from '#core/holds.ts'
import type { BudgetName, Command, Event, Task } from '#core/model.ts'
import { edges, pipeline } from '#core/pipeline.ts'
import { isFinalStage, isWorkStage, STAGES, type StageName, WORK_STAGES } from '#core/words.ts'
import * as say from '../support/events.ts'
import { HELD_NOW } from '../support/held.ts'
import { anyWord, histories, live, type Moment, states, wildEvents } from '../support/histories.ts'
import { phaseOf } from '../support/lines.ts'

const RUNS = { numRuns: 300 }
const law = (name: string, holds: (moment: Moment, rules: Rules) => void) =>
  it(name, () => {
    const life = fc.property(histories(), ({ moments, rules }) => {
      for (const moment of moments) holds(moment, rules)
    })
    fc.assert(life, RUNS)
  })

const started = (commands: readonly Command[]) => commands.flatMap((one) => (one.type === 'start-run' ? [one] : []))
const liveRun = ({ phase }: Task) => (phase.is === 'ready' || phase.is === 'running' ? phase.run : null)
const now = (task: Task) => task.phase.since + 1_000_000

describe('these lives', () => {
  it('get everywhere: every stage, every phase, every hold', () => {
    const seen = new Set<string>()
    for (const { moments } of fc.sample(histories(90), { numRuns: 1_500, seed: 7 }))
      for (const { task } of moments.map(({ decision }) => decision)) {
        seen.add(task.stage).add(task.phase.is)
        if (task.phase.is === 'held') seen.add(task.phase.reason)
        if (task.window !== null) seen.add('window')
        if (task.window !== null && task.stop !== null) seen.add('STOP in the window')
      }
    const wanted = [...STAGES.slice(1), 'ready', 'running', 'gated', 'waiting', 'held', 'final', ...HELD_NOW]
    assert.deepEqual(
      [...wanted, 'window', 'STOP in the window'].filter((place) => !seen.has(place)),
      [],
    )
  })
})

describe('whatever happens to a task', () => {
  it('is decided: no event is thrown at, however little it fits', () => {
    fc.assert(
      fc.property(states(), wildEvents, ({ task, rules }, event) => {
        const decision = decide(task, event, rules)
        if (decision.refused !== undefined) assert.equal(decision.task, task)
      }),
      { numRuns: 1_000 },
    )
  })

  law('a refusal changes nothing and is a sentence, and only who asks is refused', ({ before, event, decision }) => {
    if (decision.refused === undefined) return
    assert.equal(decision.task, before)
    assert.deepEqual(decision.commands, [])
    assert.match(decision.refused, /\S/)
    assert.ok('by' in event || event.type === 'window-opened', event.type)
  })

  law('what has ended stays exactly as it is', ({ before, decision }) => {
    if (before.phase.is !== 'final') return
    assert.equal(decision.task, before)
    assert.deepEqual(decision.commands, [])
  })

  law('stage, step and phase fit together', ({ decision: { task } }) => {
    assert.equal(task.phase.is === 'final', isFinalStage(task.stage))
    assert.equal(task.stage === 'queued', task.phase.is === 'waiting' && task.phase.on === 'let-in')
    if (isWorkStage(task.stage)) assert.ok(task.step < pipeline[task.stage].steps.length)
    const run = liveRun(task)
    if (run !== null) assert.equal(run, `${task.id}.${task.runs}`)
    if (task.phase.is === 'waiting' || task.phase.is === 'held') assert.match(task.phase.sentence, /\S/)
  })

  law('it owns its lane from being let in to its end', ({ decision: { task } }) => {
    assert.equal(task.lane, task.stage !== 'queued' && task.phase.is !== 'final')
  })

  law(
    'at most one run may speak: a new one begins where the last has spoken or is cancelled',
    ({ before, event, decision }) => {
      const starts = started(decision.commands)
      assert.ok(starts.length <= 1)
      for (const { run } of starts) {
        assert.equal(liveRun(decision.task), run)
        const last = liveRun(before)
        const cancelled = decision.commands.some((one) => one.type === 'cancel-run' && one.run === last)
        assert.ok(last === null || cancelled || ('run' in event && event.run === last), `${last} could still speak`)
      }
    },
  )

  law('run numbers and visits grow, by one', ({ before, decision: { task, commands } }) => {
    assert.equal(task.runs, before.runs + started(commands).length)
    assert.ok(task.visit === before.visit || task.visit === before.visit + 1)
    for (const { run } of started(commands)) assert.equal(run, `${task.id}.${task.runs}`)
  })

  law('a window is open only where something is merged', ({ decision: { task } }) => {
    if (task.window === null) return
    assert.equal(task.stage, 'deploy')
    assert.ok(liveRun(task) !== null)
  })

  law('a STOP is recorded for good, and outside the window nothing new begins after it', ({ before, decision }) => {
    if (before.stop === null) return
    assert.deepEqual(decision.task.stop, before.stop)
    for (const { kind } of started(decision.commands)) assert.ok(before.window !== null && kind !== 'agent', kind)
  })

  law('every way out of a hold works, and every other is refused', ({ decision: { task } }, rules) => {
    if (task.phase.is !== 'held') return
    const orders: Record<HoldExit, say.Say> = {
      retry: say.retryBy('Mia'),
      rework: say.reworkBy('Mia'),
      answer: say.answeredBy('Mia'),
      approve: say.approvedBy('Mia'),
      stop: say.stopBy('Mia'),
    }
    const offered = exitsOf(task.phase.reason)
    assert.ok(offered.includes('stop'))
    for (const [exit, order] of Object.entries(orders)) {
      const { refused } = live(rules, [order], task, now(task)).moments[0]?.decision ?? {}
      assert.equal(refused === undefined, offered.includes(exit as HoldExit), `${phaseOf(task)}, ${exit}: ${refused}`)
    }
  })
})

describe('budgets', () => {
  it('are never overdrawn, and grow only by what people granted', () => {
    fc.assert(
      fc.property(histories(), ({ moments, rules }) => {
        let orders = 0
        for (const { event, decision } of moments) {
          if (event.type === 'retry' || event.type === 'rework') orders += 1
          const { used, granted } = decision.task
          const total = Object.values(granted).reduce((sum, more) => sum + more, 0)
          assert.ok(total <= orders, 'somebody else granted')
          for (const name of Object.keys(used) as BudgetName[])
            assert.ok(used[name] <= rules.policy.limits[name] + granted[name], `${name}: ${used[name]}`)
        }
      }),
      RUNS,
    )
  })

  it('bring every life to rest in which no person acts, whatever its runs do', () => {
    const word = fc.constantFrom(
      say.finished(),
      say.finished(),
      say.finished(say.badFacts),
      say.finished(() => ({})),
      say.failed(),
      say.overloaded(),
      say.lost(),
      say.asked(),
    )
    fc.assert(
      fc.property(states(), fc.array(word, { minLength: 20, maxLength: 20 }), ({ task, rules }, words) => {
        const begun = task.runs
        let [so, turn] = [task, 0]
        for (; liveRun(so) !== null || so.phase.is === 'gated'; turn += 1) {
          const answer =
            so.phase.is === 'gated' ? (turn % 2 ? say.openedPullRequest() : say.answeredCi('success')) : undefined
          const next = answer ?? words[turn % words.length] ?? say.failed()
          so = decide(so, next(so, now(so)), rules).task
          assert.ok(so.runs - begun < 400, `${so.stage}, ${phaseOf(so)} goes on for ever`)
          assert.ok(turn < 3_000)
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('moves', () => {
  const allowed = new Set(edges.map(({ from, to }) => `${from} → ${to}`))
  const isEarlier = (from: StageName, to: StageName) =>
    isWorkStage(from) && isWorkStage(to) && WORK_STAGES.indexOf(to) <= WORK_STAGES.indexOf(from)
  const mayMove = (from: StageName, to: StageName, event: Event): boolean => {
    if (to === 'cancelled') return true
    if (event.type === 'rework') return isEarlier(from, to)
    if (event.type === 'pr-merged') return to === 'deploy'
    const wasRefreshed =
      event.type === 'retry' || (event.type === 'run-finished' && event.facts.refreshed !== undefined)
    return from === 'deploy' && to === 'testing' ? wasRefreshed : false
  }

  law('follow the table, but for what a person does', ({ before, event, decision }) => {
    const steps = decision.commands.flatMap((one) =>
      one.type === 'log' && one.entry.is === 'moved' ? [one.entry] : [],
    )
    const way = [before.stage, ...steps.map(({ to }) => to)]
    assert.equal(way.at(-1), decision.task.stage)
    for (const { from, to } of steps)
      assert.ok(allowed.has(`${from} → ${to}`) || mayMove(from, to, event), `${from} → ${to} by ${event.type}`)
  })
})

describe('a word', () => {
  it('of an earlier run changes nothing, but that a cancelled one has ended', () => {
    fc.assert(
      fc.property(states(), anyWord, fc.nat(), ({ task, rules }, word, n) => {
        const event = word(task, now(task))
        if (!('run' in event) || task.runs < 2) return
        const late = { ...event, run: `${task.id}.${1 + (n % (task.runs - 1))}` }
        if (late.run === task.ending) return
        const decision = decide(task, late, rules)
        assert.equal(decision.task, task)
        assert.deepEqual(decision.commands, [])
      }),
      RUNS,
    )
  })

  it('of a run changes nothing when it comes a second time', () => {
    fc.assert(
      fc.property(states(), anyWord, ({ task, rules }, word) => {
        const event = word(task, now(task))
        if (!('run' in event)) return
        const once = decide(task, event, rules)
        const twice = decide(once.task, event, rules)
        assert.deepEqual(twice.task, once.task)
        assert.ok(twice.commands.every((one) => event.type === 'window-opened' && one.type === 'log'))
      }),
      RUNS,
    )
  })
})

describe('STOP', () => {
  const ends = [say.stopped, say.finished, say.failed, say.asked, say.lost] as const
  it('ends every task with its run, or with its window', () => {
    fc.assert(
      fc.property(states(), fc.array(fc.nat(ends.length - 1), { minLength: 1 }), ({ task, rules }, choices) => {
        if (task.phase.is === 'final') return
        let so = task.stop === null ? decide(task, say.stopBy('Mia')(task, now(task)), rules).task : task
        const wasOpen = so.window !== null
        let words = 0
        for (; so.phase.is !== 'final'; words += 1) {
          assert.ok(words < (wasOpen ? 60 : 2), `${so.stage}, ${phaseOf(so)} goes on`)
          const end = wasOpen && words > 40 ? say.failed : ends[choices[words % choices.length] ?? 0]
          assert.ok(end)
          // In the window a run is not stopped, so that is no word it can give.
          const isUnread = so.phase.is === 'waiting' && so.phase.on === 'processes' && so.ending === null
          const read = () => say.observed(() => ({ notMerged: { hold: 'not-merged', sentence: 'not in base' } }))
          const word = isUnread ? read : wasOpen && end === say.stopped ? say.finished : end
          const isUnsure = so.phase.is === 'waiting' && so.ending === null
          so = decide(so, (isUnsure ? say.settled(words % 2 === 0) : word())(so, now(so)), rules).task
        }
        assert.ok(so.stage === 'cancelled', so.stage)
        assert.deepEqual([so.window, so.lane], [null, false])
      }),
      RUNS,
    )
  })
})

describe('effects', () => {
  it('have keys of their own: what is said again under a key is the same', () => {
    fc.assert(
      fc.property(histories(), ({ moments }) => {
        const said = new Map<string, Command>()
        for (const command of moments.flatMap(({ decision }) => decision.commands)) {
          // A pull request that is closed twice is closed once.
          if (!('key' in command) || command.type === 'close-pr') continue
          assert.match(command.key, /^7:./)
          const earlier = said.get(command.key)
          if (earlier !== undefined) assert.deepEqual(command, earlier)
          if (earlier !== undefined) assert.match(command.key, /:started$|:edited:/)
          said.set(command.key, command)
        }
      }),
      RUNS,
    )
  })
})

describe('what Orch merges and calls done', () => {
  it('is merged only with an approval, a review, a test report and a check of this very content', () => {
    fc.assert(
      fc.property(histories(90), ({ moments }) => {
        // A person's merge leaps over stages, and a person may send the task back to one that it never was in.
        const leap = moments.findIndex(({ event }) => event.type === 'pr-merged')
        for (const { decision } of leap < 0 ? moments : moments.slice(0, leap)) {
          if (!started(decision.commands).some(({ kind }) => kind === 'merge')) continue
          const { evidence, lineage, item } = decision.task
          const holds = (sha: string | undefined) => sha !== undefined && lineage.includes(sha)
          const { review, test, analysis } = evidence.artefacts
          assert.equal(evidence.approval?.subject, `${item.digest}:${analysis?.digest}`)
          assert.ok(holds(evidence.check?.sha) && evidence.check?.verdict === 'pass', 'check')
          assert.ok(holds(review?.sha) && review?.frontMatter.verdict === 'APPROVED', 'review')
          assert.ok(holds(test?.sha) && test?.frontMatter.test_status === 'PASS', 'test report')
        }
      }),
      RUNS,
    )
  })

  it('is done only when merged, and verified where there is a production', () => {
    fc.assert(
      fc.property(histories(90), ({ last, rules }) => {
        if (last.stage !== 'done') return
        const { merge, production, check } = last.evidence
        assert.ok(merge !== undefined)
        assert.ok(merge.by === 'person' || last.lineage.includes(merge.head))
        if (!merge.treeEqual) assert.deepEqual([check?.sha, check?.verdict], [merge.merge, 'pass'])
        if (rules.policy.production) assert.deepEqual([production?.sha, production?.verdict], [merge.merge, 'success'])
      }),
      RUNS,
    )
  })

  law('is published under its head, and only while nothing is merged', ({ decision: { task, commands } }) => {
    for (const command of commands)
      if (command.type === 'push-branch' || command.type === 'ensure-pr') {
        assert.equal(command.sha, headOf(task))
        assert.equal(task.evidence.merge, undefined)
      }
  })
})
