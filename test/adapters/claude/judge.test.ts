/** How a run has ended, and what it used. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { classify, type Ending } from '../../../src/adapters/claude/classify.ts'
import { type ResultLine, readMessage } from '../../../src/adapters/claude/messages.ts'
import { questionIn } from '../../../src/adapters/claude/question.ts'
import { brief, toolDetail } from '../../../src/adapters/claude/sentences.ts'
import { conversationUsage, notFalling, runUsage, sinceThen } from '../../../src/adapters/claude/usage.ts'
import { isUsageLimit, limitUntil } from '../../../src/adapters/claude/usage-limit.ts'
import type { Ledger } from '../../../src/engine/ports/gateway.ts'

const NOW = Date.UTC(2026, 10, 22, 12, 0)
const LEDGER: Ledger = { requests: 1, byModel: {}, lastStatus: 200, retryAfterMs: null, trouble: null }
const resultOf = (fields: object = {}): ResultLine => {
  const line = { type: 'result', subtype: 'success', is_error: false, num_turns: 1, result: 'Done.', ...fields }
  const message = readMessage(JSON.stringify(line))
  assert.ok(message?.is === 'result')
  return message.result
}
interface Judged {
  readonly text?: string
  /** Class and code. */
  readonly of?: string
  readonly sentence?: string
  readonly code?: string
  readonly retryAfterMs?: number
  readonly until?: number
}
const judge = (result: object | null, more: { [name in keyof Ending]?: Partial<Ending[name]> } = {}): Judged => {
  const verdict = classify({
    process: {
      ended: 'exited',
      code: result === null || 'is_error' in result ? 1 : 0,
      signal: null,
      tail: '',
      ...more.process,
    },
    known: {
      result: result === null ? null : resultOf(result),
      isResultBroken: false,
      isUnderstood: true,
      strange: null,
      error: null,
      limit: null,
      ...(more.known as object),
    },
    said: (more.said as string | undefined) ?? '',
    ledger: more.ledger === undefined ? null : { ...LEDGER, ...(more.ledger as object) },
    limits: { timeoutMs: 60_000, stallMs: 30_000, graceMs: 1 },
    now: NOW,
  })
  if (verdict.is === 'completed') return { text: verdict.text }
  const { sentence, class: failureClass, ...rest } = verdict.failure
  assert.ok(sentence.length > 10 && !sentence.includes('\n'), sentence)
  return { of: `${failureClass} ${rest.code}`, sentence, ...rest }
}
const of = (...args: Parameters<typeof judge>): string | undefined => judge(...args).of

describe('a verdict', () => {
  it('is done where the result says so and the process ended well, or was ended by us afterwards', () => {
    assert.deepEqual(judge({}), { text: 'Done.' })
    for (const ended of ['stopped', 'timed-out', 'stalled'] as const)
      assert.deepEqual(judge({}, { process: { ended, code: null, signal: 'SIGKILL' } }), { text: 'Done.' })
  })

  it('is never done by the exit code alone, nor by the word success', () => {
    assert.equal(of(null, { process: { code: 0 } }), 'permanent no-result')
    assert.equal(of({ is_error: true, result: 'x' }, { process: { code: 0 } }), 'permanent crashed')
    assert.equal(of({}, { process: { code: 1 } }), 'permanent crashed')
    assert.equal(of({}, { process: { code: null, signal: 'SIGSEGV' } }), 'permanent crashed')
    assert.equal(of({ num_turns: 0, result: '/cost is not available' }), 'permanent no-result')
  })

  it('without a result says why', () => {
    const process = { tail: 'no such file' }
    assert.equal(of(null, { process: { ...process, ended: 'missing', code: null } }), 'permanent missing')
    assert.equal(of(null, { process: { ended: 'timed-out', code: null } }), 'permanent timed-out')
    assert.equal(of(null, { process: { ended: 'stalled', code: null } }), 'permanent stalled')
    assert.equal(of(null, { process: { code: 127 }, known: { isUnderstood: false } }), 'permanent missing')
    assert.equal(of(null, { process: { code: 127 } }), 'permanent crashed')
    assert.equal(of(null, { process: { code: 0 }, known: { isResultBroken: true } }), 'permanent garbage-result')
    assert.equal(
      of(null, { process: { code: 0 }, known: { isUnderstood: false, strange: 'help' } }),
      'permanent garbage-result',
    )
    assert.equal(of(null, { process: { code: 0 }, known: { strange: 'help' } }), 'permanent no-result')
    const crashed = judge(null, {
      process: { code: null, signal: 'SIGSEGV' },
      said: 'a\nb\nc\nsegmentation fault\n' as never,
    })
    assert.match(crashed.sentence ?? '', /SIGSEGV and no result: b c segmentation fault/)
  })

  it('of an interrupt is what interrupted it', () => {
    const aborted = { is_error: true, subtype: 'error_during_execution', terminal_reason: 'aborted_tools', result: 'x' }
    assert.equal(of(aborted, { process: { ended: 'timed-out' } }), 'permanent timed-out')
    assert.equal(of(aborted, { process: { ended: 'stalled' } }), 'permanent stalled')
    assert.equal(of(aborted), 'permanent crashed')
  })

  const failures: readonly (readonly [
    what: string,
    result: object,
    code: string,
    more?: Parameters<typeof judge>[1],
  ])[] = [
    ['429', { api_error_status: 429 }, 'transient rate-limit'],
    ['rate_limit', {}, 'transient rate-limit', { known: { error: 'rate_limit' } }],
    ['529', { api_error_status: 529 }, 'transient overloaded'],
    ['overloaded', {}, 'transient overloaded', { known: { error: 'overloaded' } }],
    ['500', { api_error_status: 500 }, 'transient server'],
    ['503', { api_error_status: 503 }, 'transient server'],
    ['401', { api_error_status: 401 }, 'transient auth'],
    ['403', { api_error_status: 403 }, 'transient auth'],
    ['no login', { result: 'Not logged in · Please run /login' }, 'transient auth'],
    ['no money', { api_error_status: 400, result: 'Credit balance is too low' }, 'transient auth'],
    ['billing', {}, 'transient auth', { known: { error: 'billing_error' } }],
    ['404', { api_error_status: 404 }, 'permanent model'],
    ['too long', { api_error_status: 400, terminal_reason: 'prompt_too_long' }, 'permanent context-too-long'],
    ['413', { api_error_status: 413 }, 'permanent context-too-long'],
    ['400', { api_error_status: 400 }, 'permanent refused'],
    ['refusal', { stop_reason: 'refusal' }, 'permanent refused'],
    ['turns', { subtype: 'error_max_turns' }, 'permanent max-turns'],
    ['refused', { result: 'API Error: Connection refused (ECONNREFUSED)' }, 'transient network'],
    ['name', { result: 'API Error (ENOTFOUND)' }, 'transient network'],
    ['idle', { result: 'Stream idle timeout - no chunks received' }, 'transient network'],
    ['gateway', { api_error_status: 502 }, 'transient network', { ledger: { trouble: 'no route' } }],
    ['status of the ledger', {}, 'transient overloaded', { ledger: { lastStatus: 529 } }],
    ['limit', { result: "You've hit your limit · resets 3pm (UTC)" }, 'transient usage-limit'],
    ['event', { api_error_status: 429 }, 'transient usage-limit', { known: { limit: { until: null } } }],
    ['a proxy', { terminal_reason: 'api_error' }, 'transient server'],
    ['start', { subtype: 'error_during_execution', num_turns: 0 }, 'permanent crashed'],
  ]
  for (const [what, result, code, more] of failures)
    it(`of ${what} is ${code}`, () => {
      assert.equal(of({ is_error: true, result: 'it says so', ...result }, more), code)
    })

  it("has the server's own figures", () => {
    const after = { ledger: { retryAfterMs: 90_000 } }
    for (const status of [429, 529, 500])
      assert.equal(judge({ is_error: true, api_error_status: status }, after).retryAfterMs, 90_000)
    assert.equal('retryAfterMs' in judge({ is_error: true, api_error_status: 429 }), false)
    const limited = { is_error: true, api_error_status: 429, result: 'Claude AI usage limit reached|1795400000' }
    assert.equal(judge(limited).until, 1_795_400_000_000)
    assert.equal(judge(limited, { known: { limit: { until: 7 } } }).until, 7)
    const unknown = judge({ is_error: true, result: "You're out of usage credits" }, after)
    assert.deepEqual([unknown.code, unknown.retryAfterMs, 'until' in unknown], ['usage-limit', 90_000, false])
  })
})

describe('the end of a limit', () => {
  const at = (text: string): string | null => {
    const until = limitUntil(text, NOW)
    return until === null ? null : new Date(until).toISOString()
  }
  it('is read from all that is known to be said', () => {
    assert.equal(at('Claude AI usage limit reached|1795400000'), '2026-11-23T02:13:20.000Z')
    assert.equal(at("You've hit your limit · resets 3pm (UTC)"), '2026-11-22T15:00:00.000Z')
    assert.equal(at("You've hit your session limit · resets 11:30am (UTC)"), '2026-11-23T11:30:00.000Z')
    assert.equal(at('Your limit will reset at 12am (UTC).'), '2026-11-23T00:00:00.000Z')
    assert.equal(at("You've hit your limit · resets 4:50am (Europe/Rome)"), '2026-11-23T03:50:00.000Z')
    assert.equal(at("You've hit your weekly limit · resets Nov 25, 3pm (America/Bogota)"), '2026-11-25T20:00:00.000Z')
    assert.equal(at('resets Jan 2 at 12:15pm (UTC)'), '2027-01-02T12:15:00.000Z')
    assert.equal(at('You will regain access on 2026-12-01 at 00:00 UTC.'), '2026-12-01T00:00:00.000Z')
    assert.equal(at('You will regain access on 2026-12-01.'), '2026-12-01T00:00:00.000Z')
  })
  it('is unknown where it is not said, or not so that we could read it', () => {
    for (const text of [
      'limit reached',
      'resets 3pm',
      'resets 3pm (Nowhere/City)',
      'resets Foo 3, 3pm (UTC)',
      'regain access on 2026-99-99',
    ])
      assert.equal(at(text), null, text)
  })
  it('belongs to limits of an account only', () => {
    for (const text of [
      "You've hit your weekly limit",
      'usage limit reached|1',
      'reached your specified API usage limits',
      '5-hour limit reached ∙ resets 3pm',
    ])
      assert.ok(isUsageLimit(text), text)
    for (const text of ['This request would exceed your rate limit', 'prompt is too long', 'hit a rate limit'])
      assert.ok(!isUsageLimit(text), text)
  })
})

describe('usage', () => {
  const one = {
    inputTokens: 100,
    outputTokens: 20,
    cacheReadInputTokens: 3000,
    cacheCreationInputTokens: 500,
    costUSD: 0.5,
  }
  const tokens = { input: 100, output: 20, cacheRead: 3000, cacheCreation: 500 }
  const facts = { prior: null, ledger: null, messages: new Map(), turns: null, model: null, sessionId: null }
  const two = resultOf({ modelUsage: { 'claude-a': one, 'claude-b': { ...one, costUSD: 0.25 } } })

  it('is the sum over all models, with the price', () => {
    assert.deepEqual(conversationUsage(two), {
      input: 200,
      output: 40,
      cacheRead: 6000,
      cacheCreation: 1000,
      costUsd: 0.75,
    })
    assert.equal(conversationUsage(resultOf()), null)
  })

  it('has no price where one was guessed', () => {
    const guessed = resultOf({ modelUsage: { 'claude-a': one, 'claude-b': { ...one, costBasis: 'unknown' } } })
    assert.equal('costUsd' in conversationUsage(guessed)!, false)
    assert.equal(
      'costUsd' in conversationUsage(resultOf({ modelUsage: { 'claude-a': { ...one, costUSD: 'much' } } }))!,
      false,
    )
  })

  it('is what came on top in a conversation that was gone on with', () => {
    const prior = { ...tokens, costUsd: 0.5, turns: 4, sessionId: 'x' }
    assert.deepEqual(runUsage({ ...facts, result: two, prior }), { ...tokens, costUsd: 0.25 })
    assert.equal('costUsd' in sinceThen({ ...tokens, costUsd: 1 }, tokens)!, false)
    assert.deepEqual(
      sinceThen({ ...tokens, costUsd: 0.1 + 0.2 - 1e-12 }, { ...tokens, costUsd: 0.1 + 0.2 })?.costUsd,
      0,
    )
  })

  it('falls back on the gateway, and then on what went by, and is absent where nobody knows', () => {
    const ledger = { ...LEDGER, byModel: { 'claude-a': { input: 7 }, 'claude-b': { input: 1, output: 2 } } }
    const messages = new Map([
      ['m1', tokens],
      ['m2', tokens],
    ])
    assert.deepEqual(runUsage({ ...facts, result: null, ledger, messages }), { input: 8, output: 2 })
    assert.equal(runUsage({ ...facts, result: null, messages }).cacheRead, 6000)
    assert.deepEqual(runUsage({ ...facts, result: null }), {})
    assert.deepEqual(runUsage({ ...facts, result: two, prior: { input: 1000 }, ledger }), { input: 8, output: 2 })
    assert.deepEqual(runUsage({ ...facts, result: null, turns: 2, model: 'claude-a', sessionId: 's' }), {
      turns: 2,
      model: 'claude-a',
      sessionId: 's',
    })
  })

  it('never falls while it is told', () => {
    assert.deepEqual(notFalling({ input: 5, output: 9 }, { input: 6, output: 3, costUsd: 1 }), {
      input: 6,
      output: 9,
      costUsd: 1,
    })
    assert.deepEqual(notFalling({ costUsd: 1 }, {}), { costUsd: 1 })
  })
})

describe('words', () => {
  it('are a question from the line that says so to the end', () => {
    assert.equal(questionIn('I looked.\n  QUESTION: Which?\n\n- a\n- b\n'), 'Which?\n\n- a\n- b')
    assert.equal(questionIn('QUESTION:\nWhich?'), 'Which?')
    for (const text of ['', 'Is that a QUESTION: no', 'QUESTION:  \n', 'question: which?'])
      assert.equal(questionIn(text), null)
  })
  it('for a person are short and on one line', () => {
    assert.equal(brief(' a\n\tb '), 'a b')
    assert.equal(brief('x'.repeat(1000)).length, 200)
    assert.equal(toolDetail({ file_path: '/a', content: 'long' }), '/a')
    assert.equal(toolDetail({ other: 1 }), '{"other":1}')
    assert.equal(toolDetail(undefined), '')
  })
})
