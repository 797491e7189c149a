import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Breaker } from '#core/breaker.ts'
import { AT, startWeb } from './world.ts'

const trouble = { why: 'Anthropic is overloaded (529).', code: 'overloaded', since: AT - 5_000, probes: 1 }

test('the queue tells of each provider that had trouble, those not asked now first', async (t) => {
  const web = await startWeb(t)
  const keep = (provider: string, breaker: Breaker) =>
    web.store.transaction((tx) => tx.setBreaker(provider, breaker, AT))
  assert.deepEqual((await web.get('/queue')).json.breakers, [])
  await keep('a-calm-one', { is: 'closed', troubles: 0 })
  await keep('a-shaky-one', { is: 'closed', troubles: 2 })
  await keep('anthropic', { is: 'open', until: AT + 40_000, ...trouble })
  await keep('openai', { is: 'half-open', probe: '7.3', ...trouble })
  const none = { why: null, since: null, until: null, probe: null }
  const told = { ...none, why: trouble.why, since: trouble.since }
  assert.deepEqual((await web.get('/queue')).json.breakers, [
    {
      provider: 'anthropic',
      state: 'open',
      ...told,
      until: AT + 40_000,
      sentence: 'anthropic is not asked for 40 s more: Anthropic is overloaded (529).',
    },
    {
      provider: 'openai',
      state: 'half-open',
      ...told,
      probe: '7.3',
      sentence: 'Run 7.3 tries whether openai works again: Anthropic is overloaded (529).',
    },
    { provider: 'a-calm-one', state: 'closed', ...none, sentence: 'a-calm-one is asked as usual.' },
    {
      provider: 'a-shaky-one',
      state: 'closed',
      ...none,
      sentence: 'a-shaky-one is asked as usual; it had trouble with the last 2 runs.',
    },
  ])
})

test('a long wait is told in minutes or hours, one that is over as what comes next', async (t) => {
  const web = await startWeb(t)
  const cases: [number, string][] = [
    [-1, 'is tried again with the next run'],
    [119_000, 'is not asked for 119 s more'],
    [119_001, 'is not asked for 2 min more'],
    [2 * 3_600_000, 'is not asked for 2 h more'],
    [5 * 3_600_000 + 1, 'is not asked for 5 h 1 min more'],
  ]
  for (const [ms, words] of cases) {
    await web.store.transaction((tx) => tx.setBreaker('p', { is: 'open', until: AT + ms, ...trouble }, AT))
    assert.equal((await web.get('/queue')).json.breakers[0].sentence, `p ${words}: ${trouble.why}`)
  }
})
