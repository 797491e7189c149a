import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Counter, createCounter, type Style } from '../../../src/adapters/gateway/count.ts'
import { createSseReader } from '../../../src/adapters/gateway/sse.ts'
import { event, message, type Used } from './support.ts'

const SSE = 'text/event-stream; charset=utf-8'
const feed = (counter: Counter, bytes: Uint8Array, cuts: readonly number[] = []): Counter => {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b)
  for (const [at, place] of places.entries()) counter.push(bytes.subarray(place, places[at + 1] ?? bytes.length))
  counter.end()
  return counter
}
const read = (style: Style, text: string, type = SSE) => feed(createCounter(style, type), Buffer.from(text)).said()

const count = fc.nat(1_000_000)
const anyUsed: fc.Arbitrary<Used> = fc.record(
  { input: count, output: count, cacheRead: count, cacheCreation: count },
  { noNullPrototype: true },
)
const anyText = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constant('"usage":{"output_tokens":99}')), {
  maxLength: 8,
})
const anyCuts = fc.array(fc.nat(), { maxLength: 60 })
const lineEnds = fc.constantFrom('\n', '\r\n', '\r')

const response = (used: Used, model = 'gpt-x') => ({
  object: 'response',
  model,
  usage: {
    input_tokens: used.input + used.cacheRead + used.cacheCreation,
    input_tokens_details: { cached_tokens: used.cacheRead, cache_write_tokens: used.cacheCreation },
    output_tokens: used.output,
    output_tokens_details: { reasoning_tokens: used.output },
  },
})

describe('counting an answer', () => {
  it('gives the same for a stream of messages in any pieces, with any line ends', () =>
    fc.assert(
      fc.property(anyUsed, anyText, anyCuts, lineEnds, (used, text, cuts, end) => {
        const bytes = Buffer.from(message('claude-x', used, text).join('').replaceAll('\n', end))
        assert.deepEqual(feed(createCounter('anthropic', SSE), bytes, cuts).said(), { model: 'claude-x', usage: used })
      }),
    ))

  it('and for a stream of responses, whose input includes the cached', () =>
    fc.assert(
      fc.property(anyUsed, anyText, anyCuts, lineEnds, (used, text, cuts, end) => {
        const events = [
          event({ type: 'response.created', response: { model: 'gpt-x', usage: null } } as { type: string }),
          ...text.map((delta) => event({ type: 'response.output_text.delta', delta } as { type: string })),
          event({ type: 'response.completed', response: response(used) } as { type: string }),
        ]
        const bytes = Buffer.from(events.join('').replaceAll('\n', end))
        assert.deepEqual(feed(createCounter('openai', SSE), bytes, cuts).said(), { model: 'gpt-x', usage: used })
      }),
    ))

  it('and for a body that is not streamed', () =>
    fc.assert(
      fc.property(anyUsed, anyCuts, (used, cuts) => {
        const body = {
          type: 'message',
          model: 'claude-x',
          usage: {
            input_tokens: used.input,
            output_tokens: used.output,
            cache_read_input_tokens: used.cacheRead,
            cache_creation_input_tokens: used.cacheCreation,
          },
        }
        const json = 'application/json; charset=utf-8'
        const anthropic = feed(createCounter('anthropic', json), Buffer.from(JSON.stringify(body)), cuts)
        assert.deepEqual(anthropic.said(), { model: 'claude-x', usage: used })
        const openai = feed(createCounter('openai', json), Buffer.from(JSON.stringify(response(used))), cuts)
        assert.deepEqual(openai.said(), { model: 'gpt-x', usage: used })
      }),
    ))

  it('survives whatever comes', () =>
    fc.assert(
      fc.property(fc.constantFrom<Style>('anthropic', 'openai'), fc.uint8Array(), anyCuts, (style, bytes, cuts) => {
        feed(createCounter(style, SSE), bytes, cuts)
        feed(createCounter(style, 'application/json'), bytes, cuts)
      }),
    ))

  it('takes the last totals of a message, also of its input', () => {
    const usage = { input_tokens: 50, cache_read_input_tokens: 7, output_tokens: 9 }
    const events = [
      ...message('claude-x', { input: 3, output: 4, cacheRead: 5, cacheCreation: 6 }),
      event({ type: 'message_delta', usage } as { type: string }),
    ]
    assert.deepEqual(read('anthropic', events.join('')), {
      model: 'claude-x',
      usage: { input: 50, output: 9, cacheRead: 7, cacheCreation: 6 },
    })
  })

  it('knows of a cut answer what it had said', () => {
    const [start = ''] = message('claude-x', { input: 3, output: 4, cacheRead: 5, cacheCreation: 6 })
    const said = { model: 'claude-x', usage: { input: 3, output: 1, cacheRead: 5, cacheCreation: 6 } }
    assert.deepEqual(read('anthropic', start), said)
    assert.deepEqual(read('anthropic', start.trimEnd()), said)
    assert.deepEqual(
      read('anthropic', `${start}event: message_delta\ndata: {"type":"message_delta","usage":{"outp`),
      said,
    )
  })

  it('says nothing where nothing was said, and leaves out what is no number of tokens', () => {
    assert.equal(read('anthropic', '{"type":"error","error":{"type":"overloaded_error"}}', 'application/json'), null)
    assert.equal(
      read('openai', event({ type: 'response.failed', response: { usage: null } } as { type: string })),
      null,
    )
    assert.equal(read('anthropic', '{"type":"message","usage":{"input_tokens":5}}', 'text/plain'), null)
    const odd =
      '{"type":"message","model":"m","usage":{"input_tokens":-1,"output_tokens":"9","cache_read_input_tokens":1.5}}'
    assert.equal(read('anthropic', odd, 'application/json'), null)
    const some = '{"type":"message","model":"m","usage":{"input_tokens":4,"output_tokens":null}}'
    assert.deepEqual(read('anthropic', some, 'application/json'), { model: 'm', usage: { input: 4 } })
  })
})

describe('a reader of events', () => {
  it('joins data of several lines and passes over the rest', () => {
    const told: string[] = []
    const reader = createSseReader((data) => told.push(data))
    reader.push(Buffer.from(': hello\nid: 1\ndata: a\ndata:b\n\n\n\ndata\ndata: c\r\n\r\nevent: x\n\ndata:  d'))
    reader.end()
    assert.deepEqual(told, ['a\nb', 'c', ' d'])
  })

  it('leaves out an event that is too long, in one line or in many, and reads on', () => {
    const told: string[] = []
    const reader = createSseReader((data) => told.push(data), 100)
    for (let at = 0; at < 50; at++) reader.push(Buffer.from(at === 0 ? 'data: xxxxxxxxxx' : 'xxxxxxxxxx'))
    reader.push(Buffer.from(`\ndata: tail\n\ndata: a\n\n${'data: yyyyyyyyyy\n'.repeat(50)}\ndata: b\n\n`))
    reader.end()
    assert.deepEqual(told, ['a', 'b'])
  })
})
