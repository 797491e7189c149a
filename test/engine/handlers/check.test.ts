import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judge } from '../../../src/engine/handlers/check.ts'
import type { ProcessResult } from '../../../src/engine/ports/processes.ts'

const result = (over: Partial<ProcessResult>): ProcessResult =>
  ({ ended: 'exited', code: 0, signal: null, ms: 1_000, tail: '', ...over }) as ProcessResult
const said = (over: Partial<ProcessResult>, untouched = true) => {
  const { verdict, sentence } = judge(result(over), untouched, 90_000)
  return `${verdict}: ${sentence}`
}

describe('the check command', () => {
  const table: readonly (readonly [story: string, over: Partial<ProcessResult>, said: string])[] = [
    ['ends with 0', {}, 'pass: exit 0'],
    ['ends with 0, whatever it printed', { tail: 'FAILED' }, 'pass: exit 0'],
    ['ends with 1', { code: 1, tail: 'one\ntwo\n\n' }, 'fail: exit 1: one ⏎ two'],
    ['ends with 2: it has no way to be inconclusive', { code: 2 }, 'fail: exit 2: '],
    ['is killed', { code: null, signal: 'SIGKILL', tail: 'x' }, 'fail: exit SIGKILL: x'],
    [
      'cannot be found by the shell',
      { code: 127, tail: 'not found' },
      'fail: the command could not be found or started',
    ],
    ['cannot be started by the shell', { code: 126 }, 'fail: the command could not be found or started'],
    ['has no shell', { ended: 'missing', code: null }, 'fail: the command could not be found or started'],
    ['does not end', { ended: 'timed-out', code: null, signal: 'SIGKILL' }, 'fail: it did not end within 90 s'],
    [
      'does not end, though it exits with 0 when told to',
      { ended: 'timed-out', code: 0 },
      'fail: it did not end within 90 s',
    ],
    ['falls silent', { ended: 'stalled', code: null }, 'fail: it did not end within 90 s'],
  ]
  for (const [story, over, sentence] of table) it(`${story}: ${sentence}`, () => assert.equal(said(over), sentence))

  it('does not pass where it changed what it was to check', () => {
    assert.equal(said({}, false), 'fail: it changed the tree it was to check')
    assert.equal(said({ code: 1, tail: 'red' }, false), 'fail: exit 1: red')
  })

  it('is quoted by its last five lines, and by no more than 500 characters of them', () => {
    assert.equal(said({ code: 1, tail: '1\n2\n3\n4\n5\n6\n7\n' }), 'fail: exit 1: 3 ⏎ 4 ⏎ 5 ⏎ 6 ⏎ 7')
    assert.equal(said({ code: 1, tail: `a${'x'.repeat(600)}` }), `fail: exit 1: ${'x'.repeat(500)}`)
  })
})
