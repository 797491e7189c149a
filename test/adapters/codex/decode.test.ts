/** From bytes to events: any pieces, any garbage. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseEvent } from '../../../src/adapters/codex/events.ts'
import { splitLines } from '../../../src/adapters/codex/lines.ts'
import { after, NO_TURN } from '../../../src/adapters/codex/turn.ts'

type Line = readonly [line: string, isWhole: boolean]
const split = (pieces: Iterable<Uint8Array>): Line[] => {
  const lines: Line[] = []
  const splitter = splitLines((line, isWhole) => lines.push([line, isWhole]))
  for (const piece of pieces) splitter.write(piece)
  splitter.end()
  return lines
}
const inPieces = (bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end))
}

describe('lines', () => {
  it('are the same however the bytes come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constant('é€😀'), fc.constant('{"type":"turn.started"}'))),
        fc.array(fc.nat()),
        (texts, cuts) => {
          const bytes = Buffer.from(texts.join('\n'))
          assert.deepEqual(split(inPieces(bytes, cuts)), split([bytes]))
        },
      ),
    )
  })
  it('keep characters whole and show what is no text', () => {
    assert.deepEqual(split([Buffer.from([0xe2, 0x82]), Buffer.from([0xac, 0x0a, 0xff])]), [
      ['€', true],
      ['\ufffd', true],
    ])
  })
  it('of a message of many pages are whole, and endless ones are cut and said to be', () => {
    const [page] = split([Buffer.alloc(1024 * 1024, 'x'), Buffer.from('\n')])
    assert.deepEqual([page?.[0].length, page?.[1]], [1024 * 1024, true])
    const lines = split([Buffer.alloc(1024 * 1024, 'x'), Buffer.from('x\nnext')])
    assert.deepEqual(
      lines.map(([line, isWhole]) => [line.length, isWhole]),
      [
        [64 * 1024, false],
        [4, true],
      ],
    )
  })
})

describe('an event', () => {
  it('is read from what the CLI prints', () => {
    const read = (value: object) => parseEvent(JSON.stringify(value))
    assert.deepEqual(read({ type: 'thread.started', thread_id: 'x' }), { is: 'thread', id: 'x' })
    assert.deepEqual(read({ type: 'error', message: 'm' }), { is: 'trouble', message: 'm' })
    assert.deepEqual(read({ type: 'turn.failed', error: { message: 'm' } }), { is: 'turn-failed', message: 'm' })
    const item = (item: object, type = 'item.completed') => read({ type, item })
    assert.deepEqual(item({ type: 'agent_message', text: 'hello' }), { is: 'message', text: 'hello' })
    assert.deepEqual(item({ type: 'agent_message', text: 'hel' }, 'item.started'), { is: 'other' })
    assert.deepEqual(item({ id: 'item_1', type: 'command_execution', command: 'ls' }, 'item.started'), {
      is: 'tool',
      id: 'item_1',
      name: 'shell',
      detail: 'ls',
    })
    assert.deepEqual(item({ id: 'item_2', type: 'file_change', changes: [{ path: 'a' }, { path: 'b' }] }), {
      is: 'tool',
      id: 'item_2',
      name: 'edit',
      detail: 'a, b',
    })
  })
  it('of a kind that is not known yet, or a remark, disturbs nothing', () => {
    for (const value of [
      { type: 'item.completed', item: { type: 'error', message: 'Model metadata not found' } },
      { type: 'thread.dreamt' },
      { type: 'item.completed' },
    ])
      assert.deepEqual(parseEvent(JSON.stringify(value)), { is: 'other' })
  })
  it('takes a number for what it is, or leaves it out', () => {
    const usage = { input_tokens: '7', cached_input_tokens: -1, output_tokens: 3.5, cache_write_input_tokens: 2 }
    assert.deepEqual(parseEvent(JSON.stringify({ type: 'turn.completed', usage })), {
      is: 'turn-completed',
      usage: { cacheWrite: 2 },
    })
  })
  it('is nothing that only looks like one', () => {
    for (const line of ['', 'Usage: codex', '{', '[]', '{}', '{"type":7}', 'null', '{"type":"turn.completed"'])
      assert.equal(parseEvent(line), null, line)
  })
  it('never throws, and a turn can take whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.json(),
            fc.string(),
            fc
              .record({
                type: fc.constantFrom('item.completed', 'turn.completed', 'turn.failed', 'error', 'thread.started'),
                item: fc.jsonValue(),
                error: fc.jsonValue(),
                usage: fc.jsonValue(),
              })
              .map((v) => JSON.stringify(v)),
          ),
        ),
        (lines) => {
          lines.reduce((turn, line) => after(turn, parseEvent(line)), NO_TURN)
        },
      ),
    )
  })
  it('that names a session by something else than an id names none', () => {
    const named = (id: string) => after(NO_TURN, { is: 'thread', id }).session
    assert.equal(named('01a204aa-e700-76c0-b57f-fb1c2f41b23f'), '01a204aa-e700-76c0-b57f-fb1c2f41b23f')
    assert.equal(named('../../01a204aa-e700-76c0-b57f-fb1c2f41b23f'), null)
    assert.equal(named('--last'), null)
  })
})
