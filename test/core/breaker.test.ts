import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { admits, afterRun, type Breaker, CLOSED, probedBy } from '#core/breaker.ts'
import type { Failure } from '#core/model.ts'

const NOW = 1_000_000
const trouble = (code: string, more: Partial<Failure> = {}): Failure => ({
  class: 'transient',
  code,
  sentence: `${code}.`,
  ...more,
})
const after = (failures: readonly (Failure | null)[], from: Breaker = CLOSED): Breaker =>
  failures.reduce<Breaker>((breaker, failure, index) => afterRun(breaker, `1.${index}`, failure, NOW), from)
const overloaded = trouble('overloaded')
const isLive = () => true

describe('the breaker of a provider', () => {
  it('opens at the third trouble in a row, and a good answer between them starts the count anew', () => {
    assert.equal(after([overloaded, overloaded]).is, 'closed')
    assert.equal(after([overloaded, overloaded, null, overloaded, overloaded]).is, 'closed')
    const open = after([overloaded, trouble('network'), trouble('server')])
    assert.deepEqual(open, { is: 'open', why: 'server.', code: 'server', since: NOW, probes: 0, until: NOW + 30_000 })
  })

  it('opens at once where waiting a little mends nothing: a refused key, an account at its limit', () => {
    assert.equal(after([trouble('auth')]).is, 'open')
    const until = NOW + 5 * 3_600_000
    const open = after([trouble('usage-limit', { until })])
    assert.equal(open.is === 'open' && open.until, until)
  })

  it('what only concerns the run says nothing of the provider, or that it answers', () => {
    const own = (code: string): Failure => ({ class: 'permanent', code, sentence: code })
    assert.deepEqual(after([overloaded, overloaded, own('stalled')]), { is: 'closed', troubles: 2 })
    assert.deepEqual(after([overloaded, overloaded, own('context-too-long')]), CLOSED)
  })

  it('honours what the server asked for, within six hours', () => {
    const open = after([overloaded, overloaded, trouble('rate-limit', { retryAfterMs: 90_000 })])
    assert.equal(open.is === 'open' && open.until, NOW + 90_000)
    const long = after([overloaded, overloaded, trouble('rate-limit', { retryAfterMs: 1e15 })])
    assert.equal(long.is === 'open' && long.until, NOW + 6 * 3_600_000)
  })

  it('lets nobody in until its time, then one, who decides for all', () => {
    const open = after([overloaded, overloaded, overloaded])
    const early = admits(open, 'acme', isLive, NOW + 1)
    assert.deepEqual(early, { is: 'no', why: 'acme is not asked for 30 s more: overloaded.' })
    assert.equal(admits(open, 'acme', isLive, NOW + 30_000).is, 'as-probe')
    const probing = probedBy(open, '2.1')
    assert.match(
      (admits(probing, 'acme', isLive, NOW + 60_000) as { why: string }).why,
      /run 2\.1 tries whether acme works/,
    )
    assert.deepEqual(afterRun(probing, '2.1', null, NOW), CLOSED)
    const again = afterRun(probing, '2.1', overloaded, NOW + 60_000)
    assert.deepEqual(again, { ...open, probes: 1, until: NOW + 60_000 + 60_000 })
  })

  it('a probe that is gone without a word is followed by the next one', () => {
    const probing = probedBy(after([trouble('auth')]), '2.1')
    assert.equal(admits(probing, 'acme', () => false, NOW).is, 'as-probe')
  })

  it('a run that began before the limit was reached does not lift it', () => {
    const open = after([trouble('usage-limit', { until: NOW + 3_600_000 })])
    assert.equal(afterRun(open, '9.9', null, NOW + 1), open)
  })

  it('never stays shut for ever, whatever it hears', () => {
    const code = fc.constantFrom('rate-limit', 'overloaded', 'auth', 'usage-limit', 'stalled', 'network')
    const failure = fc.option(
      fc.record({
        code,
        retryAfterMs: fc.option(fc.double(), { nil: undefined }),
        until: fc.option(fc.double({ noNaN: true }), { nil: undefined }),
      }),
    )
    fc.assert(
      fc.property(fc.array(failure, { maxLength: 20 }), (heard) => {
        const end = after(heard.map((one) => (one === null ? null : trouble(one.code, one as Partial<Failure>))))
        if (end.is !== 'open') return
        assert.ok(end.until <= NOW + 8 * 24 * 3_600_000, `open until ${end.until}`)
        assert.equal(admits(end, 'acme', isLive, end.until).is, 'as-probe')
      }),
    )
  })
})
