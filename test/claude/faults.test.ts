/** Every way in which a provider fails, seen through the real CLI: the right failure, with the server's own figures. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Failure } from '../../src/core/model.ts'
import { type Answer, says } from './messages.ts'
import { KEY, MODEL, promptFor, world } from './world.ts'

const status = (code: number, message: string, headers: Record<string, string> = {}): Answer => ({
  is: 'status',
  status: code,
  message,
  headers,
})

interface Fault {
  readonly name: string
  readonly answer: Answer
  readonly failure: Pick<Failure, 'class' | 'code'> & Partial<Failure>
}
const FAULTS: readonly Fault[] = [
  {
    name: '429 with a short Retry-After',
    answer: status(429, 'This request would exceed your rate limit', { 'retry-after': '1' }),
    failure: { class: 'transient', code: 'rate-limit', retryAfterMs: 1_000 },
  },
  {
    name: '429 with a Retry-After that the CLI does not wait for',
    answer: status(429, 'This request would exceed your rate limit', { 'retry-after': '90' }),
    failure: { class: 'transient', code: 'rate-limit', retryAfterMs: 90_000 },
  },
  { name: '529', answer: status(529, 'Overloaded'), failure: { class: 'transient', code: 'overloaded' } },
  { name: '500', answer: status(500, 'Internal server error'), failure: { class: 'transient', code: 'server' } },
  { name: '401', answer: status(401, 'invalid x-api-key'), failure: { class: 'transient', code: 'auth' } },
  { name: '403', answer: status(403, 'Your key may not'), failure: { class: 'transient', code: 'auth' } },
  {
    name: 'no money',
    answer: status(400, 'Your credit balance is too low to access the Anthropic API.'),
    failure: { class: 'transient', code: 'auth' },
  },
  {
    name: 'a usage limit with the day of its end',
    answer: status(
      400,
      'You have reached your specified API usage limits. You will regain access on 2099-12-01 at 00:00 UTC.',
    ),
    failure: { class: 'transient', code: 'usage-limit', until: Date.UTC(2099, 11, 1) },
  },
  {
    name: 'a usage limit with the second of its end',
    answer: status(429, 'Claude AI usage limit reached|4099680000'),
    failure: { class: 'transient', code: 'usage-limit', until: 4_099_680_000_000 },
  },
  {
    name: 'a conversation that is too long',
    answer: status(400, 'prompt is too long: 208310 tokens > 200000 maximum'),
    failure: { class: 'permanent', code: 'context-too-long' },
  },
  {
    name: 'a model that does not exist',
    answer: status(404, `model: ${MODEL}`),
    failure: { class: 'permanent', code: 'model' },
  },
  { name: 'a connection that is reset', answer: { is: 'reset' }, failure: { class: 'transient', code: 'network' } },
  {
    name: 'a stream that is cut in an event',
    answer: { is: 'cut', text: 'half of an ans' },
    failure: { class: 'transient', code: 'network' },
  },
  {
    name: 'an overload in the middle of a stream',
    answer: { is: 'stream-error', type: 'overloaded_error', message: 'Overloaded' },
    failure: { class: 'transient', code: 'overloaded' },
  },
  {
    name: 'a body that is no answer',
    answer: { is: 'garbage', body: '<html>a proxy says hello</html>' },
    failure: { class: 'transient', code: 'server' },
  },
]

describe('what the provider does wrong', { concurrency: 3 }, () => {
  for (const { name, answer, failure } of FAULTS)
    test(name, async (t) => {
      const { workspace, start, doors } = await world(t, () => answer)
      const result = await start(await workspace()).result
      assert.ok(result.is === 'failed', JSON.stringify(result))
      assert.partialDeepStrictEqual(result.failure, failure)
      assert.equal(result.failure.retryAfterMs, failure.retryAfterMs)
      assert.ok(result.failure.sentence.length > 10)
      for (const secret of [KEY, doors[0]?.token ?? KEY]) assert.ok(!result.failure.sentence.includes(secret))
    })

  test('a provider that refuses the connection', async (t) => {
    const { workspace, start, model } = await world(t, () => says('never'))
    const at = await workspace()
    await model.close()
    const result = await start(at).result
    assert.ok(result.is === 'failed', JSON.stringify(result))
    assert.partialDeepStrictEqual(result.failure, { class: 'transient', code: 'network' })
  })
})

describe('what the CLI gets over by itself', { concurrency: 3 }, () => {
  const passing: readonly (readonly [string, Answer])[] = [
    ['429', status(429, 'slow down', { 'retry-after': '1' })],
    ['529', status(529, 'Overloaded')],
    ['500', status(500, 'Internal server error')],
    ['a reset', { is: 'reset' }],
    ['a cut stream', { is: 'cut', text: 'half of an ans' }],
  ]
  for (const [name, fault] of passing)
    test(`${name} at the first attempt`, async (t) => {
      const { workspace, start } = await world(t, ({ attempt }) => (attempt === 1 ? fault : says('Here I am.')))
      const played = start(await workspace())
      const result = await played.result
      assert.ok(result.is === 'completed', JSON.stringify(result))
      assert.equal(result.text, 'Here I am.')
      const waits = played.events.flatMap((event) => (event.is === 'provider' ? [event.what] : []))
      assert.deepEqual(new Set(waits), new Set(['retry']), 'people are told')
    })

  test('an overloaded model, by the fallback that was chosen', async (t) => {
    const { workspace, start, doors } = await world(t, ({ model }) =>
      model === MODEL ? status(529, 'Overloaded') : says('Instead of it.'),
    )
    const fallback = 'claude-haiku-4-5'
    const played = start(await workspace(), { choice: { model: MODEL, effort: null, fallback } })
    const result = await played.result
    assert.ok(result.is === 'completed', JSON.stringify(result))
    assert.deepEqual(result.models, [fallback])
    assert.deepEqual(Object.keys(doors[0]?.ledger().byModel ?? {}), [fallback])
    assert.ok(played.events.some((event) => event.is === 'provider' && event.what === 'fallback'))
  })
})

describe('what takes its time', { concurrency: 2 }, () => {
  const slow: Answer = { is: 'message', blocks: [{ is: 'text', text: 'word '.repeat(40) }], deltaMs: 600 }

  test('a slow answer is no silence', async (t) => {
    const { workspace, start } = await world(t, () => slow)
    const limits = { timeoutMs: 60_000, stallMs: 6_000, graceMs: 1_000 }
    assert.equal((await start(await workspace(), { limits }).result).is, 'completed')
  })

  test('an answer that stops coming is a stall, and a run that is too long is timed out', async (t) => {
    const { workspace, start } = await world(t, ({ told }) =>
      told.at(-1)?.includes('be silent') ? { is: 'silence' } : { ...slow, deltaMs: 1_000 },
    )
    const [silent, long] = await Promise.all([
      start(await workspace(), {
        prompt: promptFor('developer', 'TASK-1', 'be silent'),
        limits: { timeoutMs: 60_000, stallMs: 6_000, graceMs: 1_000 },
      }).result,
      start(await workspace(), { limits: { timeoutMs: 5_000, stallMs: 6_000, graceMs: 1_000 } }).result,
    ])
    assert.ok(silent.is === 'failed' && long.is === 'failed')
    assert.partialDeepStrictEqual(silent.failure, { class: 'permanent', code: 'stalled' })
    assert.partialDeepStrictEqual(long.failure, { class: 'permanent', code: 'timed-out' })
  })
})
