import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keepTail, LINE_BYTES, splitLines } from '../../../src/adapters/process/output.ts'

const linesOf = (...chunks: readonly (string | Buffer)[]): readonly string[] => {
  const lines: string[] = []
  const splitter = splitLines((line) => lines.push(line))
  for (const chunk of chunks) splitter.write(Buffer.from(chunk))
  splitter.end()
  return lines
}
const tailOf = (limit: number, ...chunks: readonly (string | Buffer)[]): string => {
  const tail = keepTail(limit)
  for (const chunk of chunks) tail.write(Buffer.from(chunk))
  return tail.text()
}

describe('lines of output', () => {
  it('come whole, whatever the chunks were', () => {
    assert.deepEqual(linesOf('on', 'e\ntw', 'o\n\nfour'), ['one', 'two', '', 'four'])
  })

  it('keep characters whole that two chunks share', () => {
    const bytes = Buffer.from('Grüße €\n')
    assert.deepEqual(linesOf(...[...bytes].map((byte) => Buffer.of(byte))), ['Grüße €'])
  })

  it('show what is not UTF-8 as the replacement character', () => {
    assert.deepEqual(linesOf(Buffer.of(0x61, 0xe2), Buffer.of(0x82), Buffer.of(0x0a, 0xff, 0x0a)), [
      'a\ufffd',
      '\ufffd',
    ])
  })

  it('lose everything beyond 64 KiB, so that no line can be forged by filling up another', () => {
    const lines = linesOf(`${'x'.repeat(LINE_BYTES)}{"type":"result"}\nnext\n`)
    assert.deepEqual(lines, ['x'.repeat(LINE_BYTES), 'next'])
  })

  it('are cut before a character, never inside one', () => {
    const line = `${'x'.repeat(LINE_BYTES - 1)}€ and more`
    assert.deepEqual(linesOf(`${line}\n`), ['x'.repeat(LINE_BYTES - 1)])
    assert.deepEqual(linesOf(Buffer.alloc(LINE_BYTES + 9, 0x80))[0]?.length, LINE_BYTES)
  })
})

describe('the tail of output', () => {
  it('is all of it where that is little', () => assert.equal(tailOf(10, 'abc', 'def'), 'abcdef'))

  it('is its last bytes where it is much', () => {
    assert.equal(tailOf(4, ...Array.from({ length: 1000 }, (_, i) => String(i))), '8999')
    assert.equal(tailOf(4, 'x'.repeat(100)), 'xxxx')
  })

  it('begins with a whole character', () => {
    assert.equal(tailOf(4, 'a€€'), '€')
    assert.equal(tailOf(4, 'a€', '€', 'b'.repeat(2)), 'bb')
  })
})
