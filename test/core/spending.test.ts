import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { estimated, overBudget, type SpendingLimits, tokensOf } from '#core/spending.ts'

const limits: SpendingLimits = {
  run: { softUsd: 1, hardUsd: 2 },
  task: { softUsd: 5, hardUsd: 10, hardTokens: 1_000 },
  day: { softUsd: 50, hardUsd: 100 },
}
const none = { run: {}, task: {}, day: {} }

describe('budgets of money and tokens', () => {
  it('below every limit nothing is said, also where nothing was reported', () => {
    assert.equal(overBudget(none, limits, 0), null)
    assert.equal(overBudget({ run: { costUsd: 0.99 }, task: { costUsd: 4.99 }, day: { costUsd: 49 } }, limits, 0), null)
  })

  it('without limits nothing is ever too much', () => {
    const free = { run: {}, task: {}, day: {} }
    assert.equal(overBudget({ run: { costUsd: 1e9, input: 1e12 }, task: {}, day: {} }, free, 0), null)
  })

  it('a soft limit asks, a hard one ends, and the hard one weighs more wherever it is', () => {
    assert.deepEqual(overBudget({ ...none, run: { costUsd: 1 } }, limits, 0), {
      level: 'soft',
      scope: 'run',
      sentence: '$1.00 were used by this run; the soft limit is $1.00',
    })
    assert.deepEqual(overBudget({ run: { costUsd: 1.5 }, task: {}, day: { costUsd: 100 } }, limits, 0), {
      level: 'hard',
      scope: 'day',
      sentence: '$100.00 were used today; the hard limit is $100.00',
    })
  })

  it('tokens are those of all classes', () => {
    assert.equal(tokensOf({ input: 1, output: 2, cacheRead: 4, cacheCreation: 8 }), 15)
    const over = overBudget({ ...none, task: { input: 400, cacheRead: 600 } }, limits, 0)
    assert.equal(over?.sentence, '1000 tokens were used by this task; the hard limit is 1000 tokens')
  })

  it('what is not told in money yet is estimated by the longest name that fits, and never where it is told', () => {
    const price = (input: number) => ({ input, output: 0, cacheRead: 0, cacheWrite: 0 })
    const prices = { '*': price(1), 'acme-': price(2), 'acme-large': price(4) }
    const cost = (model: string | null) => estimated({ input: 500_000 }, model, prices).costUsd
    assert.deepEqual([cost('acme-large-2'), cost('acme-small'), cost('other'), cost(null)], [2, 1, 0.5, 0.5])
    assert.equal(estimated({ input: 1, costUsd: 7 }, 'acme-large', prices).costUsd, 7)
    assert.equal(estimated({ input: 1 }, 'acme-large', {}).costUsd, undefined)
    const all = { input: 1_000_000, output: 1_000_000, cacheRead: 1_000_000, cacheCreation: 1_000_000 }
    const each = { m: { input: 1, output: 10, cacheRead: 100, cacheWrite: 1_000 } }
    assert.equal(estimated(all, 'm', each).costUsd, 1_111)
  })

  it('a person who says to go on grants as much again, but not of the day’s hard limit', () => {
    assert.equal(overBudget({ ...none, task: { costUsd: 10 } }, limits, 1)?.level, 'soft')
    assert.equal(overBudget({ ...none, task: { costUsd: 9 } }, limits, 1), null)
    assert.equal(overBudget({ ...none, day: { costUsd: 100 } }, limits, 5)?.level, 'hard')
  })
})
