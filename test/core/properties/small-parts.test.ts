/** Laws of the small pure parts: reconcile, retry, usage, errors. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { sentenceOf, TransientError, UserError, unreachable } from '#core/errors.ts'
import type { Usage } from '#core/model.ts'
import { defaultPolicy } from '#core/policy.ts'
import { type Belief, type BelievedRun, reconcile } from '#core/reconcile.ts'
import { allows, backoffMs, grant, LONGEST_WAIT_MS, spend } from '#core/retry.ts'
import { addUsage, describeUsage, spendOf, totalOf } from '#core/usage.ts'
import { at, full, newTask } from '../support/tasks.ts'

const NOW = 5_000_000
const limits = { silentMs: 60_000 }
const task = at('review', 'running')
const belief = (over: Partial<Belief>): Belief => ({ task, run: null, deadlines: [], ...over })
const run = (over: Partial<BelievedRun>): Belief =>
  belief({ run: { run: '7.5', state: 'admitted', job: 'active', hostGone: undefined, heardAt: NOW, ...over } })
const told = (...beliefs: Belief[]) => reconcile(beliefs, limits, NOW).map(({ event }) => event)
const lost = (why: string) => [{ type: 'run-lost', at: NOW, run: '7.5', why, counts: true }]
const stopped = [{ type: 'run-stopped', at: NOW, run: '7.5' }]

describe('reconcile', () => {
  const runs: readonly (readonly [story: string, Partial<BelievedRun>, unknown[]])[] = [
    ['a run that is at work', {}, []],
    ['a run whose host is gone', { hostGone: true }, lost('the host of run 7.5 is gone')],
    ['a run on a host that lives', { hostGone: false }, []],
    ['a run whose host is not ours to see, silent or not', { heardAt: 0 }, []],
    ['a run whose job has ended', { job: 'ended' }, lost('the queue gave up on run 7.5')],
    ['a run whose job is missing', { job: 'missing' }, lost('the queue gave up on run 7.5')],
    ['a run whose job was never sent', { job: null }, []],
    ['a run whose job waits', { job: 'waiting' }, []],
    ['a run that is only ready', { state: 'ready', hostGone: true, job: 'missing' }, []],
    ['a cancelled run that still answers', { state: 'cancelling' }, []],
    ['a cancelled run whose host is gone', { state: 'cancelling', hostGone: true }, stopped],
    ['a cancelled run that was never heard of', { state: 'cancelling', heardAt: null }, stopped],
    ['a cancelled run silent for exactly its time', { state: 'cancelling', heardAt: NOW - 60_000 }, []],
    ['a cancelled run silent for longer', { state: 'cancelling', heardAt: NOW - 60_001 }, stopped],
  ]
  for (const [story, over, events] of runs)
    it(`tells of ${story}: ${events.length === 0 ? 'nothing' : (events[0] as { type: string }).type}`, () =>
      assert.deepEqual(told(run(over)), events))

  it('tells of deadlines that are due, and of no other', () => {
    const deadlines = [NOW - 1, NOW, NOW + 1].map((due, visit) => ({ name: 'ci' as const, due, visit }))
    assert.deepEqual(
      told(belief({ deadlines })).map((event) => event.type === 'deadline' && event.visit),
      [0, 1],
    )
  })

  const pr = { state: 'merged', headSha: 'sha-9', merge: 'merge-9', endedBy: 'Noor', byUs: false } as const
  it('tells of a merge that a person made, once, and of none of ours', () => {
    const event = { type: 'pr-merged', at: NOW, by: 'Noor', head: 'sha-9', merge: 'merge-9' }
    assert.deepEqual(told(belief({ pr })), [event])
    assert.deepEqual(told(belief({ pr: { ...pr, endedBy: null } })), [{ ...event, by: 'someone' }])
    assert.deepEqual(told(belief({ pr: { ...pr, byUs: true } })), [])
    assert.deepEqual(told(belief({ pr: { ...pr, merge: null } })), [])
    assert.deepEqual(told(belief({ pr, task: at('deploy', 'running', 3, full) })), [])
  })

  it('tells of a pull request that a person closed, once, and of none that is open', () => {
    const closed = { ...pr, state: 'closed', merge: null } as const
    assert.deepEqual(told(belief({ pr: closed })), [{ type: 'pr-closed', at: NOW, by: 'Noor' }])
    assert.deepEqual(told(belief({ pr: { ...closed, state: 'open' } })), [])
    assert.deepEqual(told(belief({ pr: closed, task: newTask() })), [])
    const known = { ...task, evidence: { ...task.evidence, pr: { ...task.evidence.pr, state: 'closed' } as never } }
    assert.deepEqual(told(belief({ pr: closed, task: known })), [])
  })

  it('tells of nobody’s pull request while the window is open', () => {
    const inWindow = at('deploy', 'running', 2, full)
    assert.deepEqual(
      told(belief({ pr, task: inWindow }), belief({ pr: { ...pr, state: 'closed' }, task: inWindow })),
      [],
    )
  })

  it('names the task of each event, in order', () => {
    const other = { ...run({ hostGone: true }), task: { ...task, id: 8 } }
    assert.deepEqual(
      reconcile([run({ hostGone: true }), belief({}), other], limits, NOW).map((one) => one.task),
      [7, 8],
    )
  })
})

describe('the wait before the next try', () => {
  const policy = fc.record({
    baseMs: fc.integer({ min: 1, max: 60_000 }),
    maxMs: fc.integer({ min: 1, max: 3_600_000 }),
  })
  const tries = fc.oneof(fc.nat(20), fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER))
  const absurd = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300))

  it('is a number between nothing and the longest, whatever a server asks', () => {
    fc.assert(
      fc.property(tries, policy, fc.option(absurd, { nil: undefined }), (n, backoff, asked) => {
        const wait = backoffMs(n, { backoff }, asked)
        assert.ok(wait >= 0 && wait <= Math.max(backoff.maxMs, LONGEST_WAIT_MS), String(wait))
        assert.ok(wait >= Math.min(backoff.baseMs, backoff.maxMs))
      }),
    )
  })

  it('never gets shorter with more tries, nor longer than the longest', () => {
    fc.assert(
      fc.property(fc.nat(40), policy, (n, backoff) => {
        assert.ok(backoffMs(n + 1, { backoff }) >= backoffMs(n, { backoff }))
        assert.ok(backoffMs(n, { backoff }) <= backoff.maxMs)
      }),
    )
  })

  it('doubles from its base: 5 s, 10 s, 20 s, … 15 min', () => {
    const waits = [0, 1, 2, 7, 8, 60].map((n) => backoffMs(n, defaultPolicy) / 1_000)
    assert.deepEqual(waits, [5, 10, 20, 640, 900, 900])
  })

  it('is what the server asked for where that is longer', () => {
    assert.equal(backoffMs(0, defaultPolicy, 7_000), 7_000)
    assert.equal(backoffMs(0, defaultPolicy, 3_000), 5_000)
    assert.equal(backoffMs(0, defaultPolicy, LONGEST_WAIT_MS + 1), LONGEST_WAIT_MS)
  })
})

describe('a budget', () => {
  it('allows exactly its limit and what was granted', () => {
    fc.assert(
      fc.property(fc.nat(8), fc.nat(4), (limit, granted) => {
        const policy = { ...defaultPolicy, limits: { ...defaultPolicy.limits, reworks: limit } }
        let known = newTask()
        for (let n = 0; n < granted; n += 1) known = grant(known, 'reworks')
        let uses = 0
        for (; allows(known, policy, 'reworks'); uses += 1) known = spend(known, 'reworks')
        assert.equal(uses, limit + granted)
        assert.deepEqual([known.used.attempts, known.granted.attempts], [0, 0])
      }),
    )
  })
})

const tokens = fc.option(fc.nat(1_000_000), { nil: undefined })
const usage: fc.Arbitrary<Usage> = fc
  .record({ input: tokens, output: tokens, cacheRead: tokens, cacheCreation: tokens, costUsd: tokens, turns: tokens })
  .map((one) => Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)))
const sumOf = (all: readonly Usage[]) => all.reduce<Usage>(addUsage, {})

describe('usage', () => {
  it('is added class by class, and what no run reported stays absent', () => {
    fc.assert(
      fc.property(fc.array(usage), (all) => {
        const sum = sumOf(all)
        for (const key of ['input', 'output', 'cacheRead', 'cacheCreation', 'costUsd', 'turns'] as const) {
          const known = all.flatMap((one) => (one[key] === undefined ? [] : [one[key]]))
          assert.equal(key in sum, known.length > 0)
          assert.equal(
            sum[key] ?? 0,
            known.reduce((a, b) => a + b, 0),
          )
        }
      }),
    )
  })

  it('does not add up names: a model and a session belong to one run', () => {
    assert.deepEqual(addUsage({ input: 1, model: 'a', sessionId: 's' }, { input: 2, model: 'b' }), { input: 3 })
  })

  it('counts each run for its role and in the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('analyst' as const, 'developer' as const), usage)), (all) => {
        const spent = all.reduce<ReturnType<typeof spendOf>>((so, [role, one]) => spendOf(so, role, one), {})
        assert.deepEqual(totalOf(spent), { runs: all.length, usage: sumOf(all.map(([, one]) => one)) })
        const own = all.filter(([role]) => role === 'analyst')
        assert.equal(spent.analyst?.runs ?? 0, own.length)
      }),
    )
    assert.deepEqual(spendOf({}, 'tester', undefined), { tester: { runs: 1, usage: {} } })
  })

  const lines: readonly (readonly [Usage, string])[] = [
    [{}, 'no usage reported'],
    [{ turns: 3, model: 'a' }, 'no usage reported'],
    [
      { input: 7_100, cacheRead: 30_000, cacheCreation: 8_100, output: 12_100, costUsd: 0.21 },
      '45.2k in (38.1k cached) / 12.1k out · $0.21',
    ],
    [{ input: 999, output: 0 }, '999 in / 0 out'],
    [{ input: 1_000 }, '1.0k in / 0 out'],
    [{ output: 10 }, '0 in / 10 out'],
    [{ cacheRead: 5_000, output: 10 }, '5.0k in (5.0k cached) / 10 out'],
    [{ cacheRead: 5_000 }, '5.0k in (5.0k cached) / 0 out'],
    [{ costUsd: 0 }, '$0.00'],
    [{ input: 1, cacheRead: 0, output: 1, costUsd: 12.345 }, '1 in / 1 out · $12.35'],
  ]
  for (const [one, line] of lines) it(`reads: ${line}`, () => assert.equal(describeUsage(one), line))
})

describe('errors', () => {
  it('are one line, whatever was thrown', () => {
    assert.equal(sentenceOf(new UserError('No such\n  task.')), 'No such task.')
    assert.equal(sentenceOf(new RangeError('')), 'RangeError')
    assert.equal(sentenceOf('a  text '), 'a text')
    assert.equal(sentenceOf(undefined), 'undefined')
    const thrown = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.string().map((text) => new Error(text)),
    )
    fc.assert(fc.property(thrown, (one) => assert.doesNotMatch(sentenceOf(one), /[\n\r]|^\s|\s$/)))
  })

  it('of the outside keep what the server asked for, and their cause', () => {
    const cause = new Error('socket')
    const error = new TransientError('The forge is down.', { retryAfterMs: 5, cause })
    assert.deepEqual([error.name, error.retryAfterMs, error.cause], ['TransientError', 5, cause])
    assert.equal(new TransientError('x').retryAfterMs, undefined)
    assert.equal('cause' in new TransientError('x'), false)
    assert.equal(new UserError('x').name, 'UserError')
  })

  it('are thrown where a case was forgotten', () => {
    assert.throws(() => unreachable({ is: 'new' } as never), /unhandled case: \{"is":"new"\}/)
  })
})
