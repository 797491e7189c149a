import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { presentable } from '#engine/presentable.ts'
import { checkOf } from '../core/support/events.ts'
import { at } from '../core/support/tasks.ts'

const SECRET = 'a-secret-of-this-house-0123'
const asked = (question: string) => {
  const outcome = presentable({ is: 'asked', question, facts: {} }, [SECRET])
  return outcome.is === 'asked' ? outcome.question : ''
}

describe('what a run says to people', () => {
  it('names no secret, whoever quotes it: a question, a failure, a report, a check command', () => {
    assert.ok(!asked(`Is ${SECRET} right?`).includes(SECRET))
    const failure = { class: 'permanent', code: 'crashed', sentence: `it said ${SECRET}` } as const
    const check = checkOf(at('development', 'running', 1), { tail: `env: ${SECRET}`, sentence: `exit 1: ${SECRET}` })
    const said = JSON.stringify([
      presentable({ is: 'failed', failure }, [SECRET]),
      presentable({ is: 'finished', facts: { check }, report: `deployed with ${SECRET}` }, [SECRET]),
    ])
    assert.ok(!said.includes(SECRET))
    assert.match(said, /it said /)
    assert.match(said, /deployed with /)
  })

  it('is bounded, and says so where it was cut', () => {
    const long = asked('é'.repeat(5_000_000))
    assert.ok(Buffer.byteLength(long) < 9 * 1024)
    assert.match(long, /… \(it was longer and is cut here\)$/)
  })

  it('has nothing that a screen would obey or a reader not see', () => {
    assert.equal(asked('a\u001b[31mb\u202ec\u0000d\r\ne'), 'a[31mbcd\ne')
  })
})
