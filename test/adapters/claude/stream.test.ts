import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { eventQueue } from '../../../src/adapters/claude/event-queue.ts'
import { splitLines } from '../../../src/adapters/claude/lines.ts'
import { readMessage } from '../../../src/adapters/claude/messages.ts'
import { type Known, readStream } from '../../../src/adapters/claude/stream.ts'
import type { AgentEvent } from '../../../src/engine/ports/runtime.ts'

const MODEL = 'claude-sonnet-4-5'
const usage = { input_tokens: 100, output_tokens: 1, cache_read_input_tokens: 3000, cache_creation_input_tokens: 500 }
const message = (content: readonly object[], id = 'm1') => ({
  type: 'assistant',
  message: { id, model: MODEL, content, usage },
})
const start = (id = 'm1') => ({
  type: 'stream_event',
  event: { type: 'message_start', message: { id, model: MODEL, usage } },
})
const delta = (output: number) => ({
  type: 'stream_event',
  event: { type: 'message_delta', usage: { output_tokens: output } },
})
const result = (more: object = {}) => ({
  type: 'result',
  subtype: 'success',
  is_error: false,
  num_turns: 1,
  session_id: 'the-session',
  result: 'Done.',
  modelUsage: {},
  ...more,
})

/** Reads chunks, given as text, messages or bytes. */
const read = (chunks: readonly (string | Uint8Array | object)[], maxBytes?: number) => {
  const events: AgentEvent[] = []
  let results = 0
  const stream = readStream(
    {
      onEvent: (event) => events.push(event),
      onResult: () => {
        results += 1
      },
    },
    maxBytes,
  )
  for (const chunk of chunks) {
    if (chunk instanceof Uint8Array) stream.write(chunk)
    else stream.write(Buffer.from(typeof chunk === 'string' ? chunk : `${JSON.stringify(chunk)}\n`))
  }
  stream.end()
  return {
    events,
    results,
    known: stream.known(),
    of: (is: AgentEvent['is']) => events.filter((event) => event.is === is),
  }
}

describe('the stream', () => {
  it('is told as text, tools, usage and every line as it came', () => {
    const text = message([{ type: 'text', text: 'I look.' }])
    const tool = message([{ type: 'tool_use', name: 'Bash', input: { command: 'npm\n test' } }])
    const { events, of, known } = read([start(), text, tool, delta(20), result()])
    assert.deepEqual(of('text'), [{ is: 'text', text: 'I look.' }])
    assert.deepEqual(of('tool'), [{ is: 'tool', name: 'Bash', detail: 'npm test' }])
    assert.deepEqual(of('usage').at(-1), {
      is: 'usage',
      usage: { input: 100, output: 20, cacheRead: 3000, cacheCreation: 500 },
    })
    assert.equal(of('raw').length, 5)
    assert.deepEqual(
      events.find((event) => event.is === 'raw'),
      { is: 'raw', line: JSON.stringify(start()) },
    )
    assert.deepEqual([...known.models], [MODEL])
    assert.equal(known.result?.text, 'Done.')
  })

  it('tells waits and other models in sentences', () => {
    const retry = {
      type: 'system',
      subtype: 'api_retry',
      attempt: 1,
      max_retries: 3,
      retry_delay_ms: 1200,
      error_status: 529,
    }
    const fallback = {
      type: 'system',
      subtype: 'model_fallback',
      original_model: 'claude-a',
      fallback_model: 'claude-b',
    }
    const refused = { type: 'system', subtype: 'api_retry', error_status: null, error: 'connection_failed' }
    const sentences = read([retry, fallback, refused]).of('provider')
    assert.deepEqual(sentences, [
      { is: 'provider', what: 'retry', sentence: 'the provider answered 529; try 1 of 3 in 2 s' },
      { is: 'provider', what: 'fallback', sentence: 'goes on with claude-b instead of claude-a' },
      { is: 'provider', what: 'retry', sentence: 'the provider could not be reached (connection_failed)' },
    ])
  })

  it('counts a message once, however many lines it comes in, and each message', () => {
    const lines = [start(), message([{ type: 'text', text: 'a' }]), message([{ type: 'text', text: 'b' }]), delta(20)]
    // The line with the whole message counts no better than its beginning did.
    const late = message([{ type: 'text', text: 'c' }])
    const { of } = read([...lines, late, start('m2'), delta(5), message([], 'm3')])
    assert.deepEqual(of('usage').at(-1), {
      is: 'usage',
      usage: { input: 300, output: 26, cacheRead: 9000, cacheCreation: 1500 },
    })
  })

  it('means the last result, and adds up their turns', () => {
    const { known, results } = read([result({ result: 'one' }), result({ result: 'two', num_turns: 2 })])
    assert.equal(known.result?.text, 'two')
    assert.equal(known.turns, 3)
    assert.equal(results, 2)
    assert.equal(known.sessionId, 'the-session')
  })

  it('takes no half result for one', () => {
    for (const broken of [{ is_error: undefined }, { result: undefined }, { subtype: 3 }, { result: { text: 'x' } }]) {
      const { known, results } = read([result(), result(broken)])
      assert.equal(known.result, null)
      assert.equal(known.isResultBroken, true)
      assert.equal(results, 2)
    }
    assert.equal(read([result({ result: undefined }), result()]).known.isResultBroken, false)
  })

  it('does not count the words that the CLI says in place of a model', () => {
    const synthetic = { type: 'assistant', error: 'overloaded', message: { model: '<synthetic>', content: [], usage } }
    const { known, of } = read([synthetic])
    assert.deepEqual([known.error, [...known.models], of('usage')], ['overloaded', [], []])
    assert.equal(read([synthetic, message([])]).known.error, null, 'it was overcome')
  })

  it('knows of a limit only where the account is refused', () => {
    const limit = (status: string) => ({
      type: 'rate_limit_event',
      rate_limit_info: { status, resetsAt: 1_800_000_000 },
    })
    assert.equal(read([limit('allowed_warning')]).known.limit, null)
    assert.deepEqual(read([limit('rejected')]).known.limit, { until: 1_800_000_000_000 })
  })

  it('passes over what it does not know, and what is no message at all', () => {
    const { known, of } = read([
      '{"type":"tomorrow"}\n',
      'Usage: claude\n',
      '[]\n',
      'null\n',
      '"x"\n',
      '\n',
      '{"type":',
    ])
    assert.equal(known.strange, 'Usage: claude')
    assert.equal(known.isUnderstood, true)
    assert.equal(of('raw').length, 7)
    assert.equal(read(['help\n']).known.isUnderstood, false)
  })

  it('drops a line that is too long, says so, and reads on', () => {
    const { events, known } = read(
      ['x'.repeat(2000), `${JSON.stringify(result())}\n`, result({ result: 'next' })],
      1000,
    )
    assert.equal(known.result?.text, 'next')
    assert.match(JSON.stringify(events[0]), /a line of \d+ bytes was dropped/)
    assert.match(known.strange ?? '', /bytes/)
  })

  it('reads a message of many megabytes', () => {
    const text = 'x'.repeat(5_000_000)
    assert.equal(read([result({ result: text })]).known.result?.text.length, text.length)
  })

  it('throws for nothing', () => {
    const value = fc.anything({ withNullPrototype: true, maxDepth: 4 })
    const types = ['system', 'assistant', 'user', 'result', 'stream_event', 'rate_limit_event']
    const record = fc.record(
      {
        type: fc.constantFrom(...types),
        subtype: fc.oneof(fc.constantFrom('init', 'api_retry', 'model_fallback', 'success'), value),
        message: value,
        event: fc.oneof(
          fc.record({ type: fc.constantFrom('message_start', 'message_delta'), usage: value, message: value }),
          value,
        ),
        modelUsage: value,
        rate_limit_info: fc.record({ status: fc.constant('rejected'), resetsAt: value }),
        is_error: fc.oneof(fc.boolean(), value),
        result: value,
        errors: value,
      },
      { requiredKeys: ['type'] },
    )
    fc.assert(
      fc.property(fc.oneof(record, value), (one) => {
        let line: string | undefined
        try {
          line = JSON.stringify(one)
        } catch {
          return // Not what can come by a line.
        }
        if (line !== undefined) read([`${line}\n`])
      }),
      { numRuns: 500 },
    )
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (line) => void readMessage(line)))
  })
})

const line = fc.oneof(
  fc
    .constantFrom(start(), delta(3), delta(20), message([{ type: 'text', text: 'Grüße 🚀 €' }]), result(), {
      type: 'new',
    })
    .map((one) => `${JSON.stringify(one)}\n`),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.constantFrom('\n', '\r\n', 'x'.repeat(400)),
)

describe('any chunking', () => {
  it('of the same bytes gives the same events, and the same is known', () => {
    const bytes = fc.oneof(
      fc.array(line, { maxLength: 12 }).map((all) => Buffer.from(all.join(''))),
      fc.uint8Array({ maxLength: 500 }),
    )
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(600), { maxLength: 40 }), (all, cuts) => {
        const at = [...new Set([0, ...cuts.map((cut) => Math.min(cut, all.length)), all.length])].toSorted(
          (a, b) => a - b,
        )
        const chunks = at.slice(1).map((end, index) => all.subarray(at[index], end))
        const [whole, inPieces] = [read([all], 350), read(chunks, 350)]
        const plain = ({ messages, models, ...rest }: Known) => ({
          ...rest,
          messages: [...messages],
          models: [...models],
        })
        assert.deepEqual(inPieces.events, whole.events)
        assert.deepEqual(plain(inPieces.known), plain(whole.known))
      }),
      { numRuns: 300 },
    )
  })

  it('leaves a chunk to its owner: it may be written over at once', () => {
    const lines: (string | null)[] = []
    const splitter = splitLines((one) => lines.push(one))
    const chunk = Buffer.from('half')
    splitter.write(chunk)
    chunk.fill('x')
    splitter.write(Buffer.from(' and half\n'))
    assert.deepEqual(lines, ['half and half'])
  })
})

describe('the events of a run', () => {
  it('lose the oldest where nobody reads, by number and by size', async () => {
    const many = eventQueue<number>(3, 1000)
    for (const event of [1, 2, 3, 4]) many.push(event, 1)
    const big = eventQueue<number>(100, 10)
    for (const event of [1, 2, 3]) big.push(event, 5)
    big.push(4, 100)
    many.end()
    big.end()
    many.push(5, 1)
    const all = async (queue: AsyncIterable<number>): Promise<readonly number[]> => {
      const events: number[] = []
      for await (const event of queue) events.push(event)
      return events
    }
    assert.deepEqual([await all(many), await all(big)], [[2, 3, 4], [4]])
  })

  it('reach a reader that waits', async () => {
    const queue = eventQueue<string>()
    const reader = queue[Symbol.asyncIterator]()
    const next = reader.next()
    queue.push('here', 4)
    assert.equal((await next).value, 'here')
    const last = reader.next()
    queue.end()
    assert.equal((await last).done, true)
  })
})
