/** Who starts while a provider does not answer: nobody until its time, then one, and everybody else as always. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Breaker } from '#core/breaker.ts'
import { type LiveRun, type QueueFacts, type ReadyRun, type ScheduleRules, schedule } from '#core/schedule.ts'
import { ROLES, RUN_KINDS } from '#core/words.ts'

const NOW = 1_000_000
const opened = { why: 'it is overloaded.', code: 'overloaded', since: NOW - 60_000, probes: 0 }
const openUntil = (until: number): Breaker => ({ is: 'open', until, ...opened })
const triedBy = (probe: string): Breaker => ({ is: 'half-open', probe, ...opened })

const rules: ScheduleRules = {
  caps: { total: 9, perRole: {}, perProject: {} },
  serialGate: () => true,
  freeze: true,
  // Testers are played by a program that asks nobody; the project `b` has a provider of its own.
  providerOf: (project, role) => (role === 'tester' ? null : project === 'b' ? 'other' : 'acme'),
}
const run = (task: number, over: Partial<ReadyRun> = {}): ReadyRun => ({
  run: `${task}.1`,
  task,
  repo: `acme/${task}`,
  project: 'a',
  kind: 'agent',
  role: 'developer',
  notBefore: 0,
  readyAt: task,
  inWindow: false,
  ...over,
})
const busy = (task: number, over: Partial<LiveRun> = {}): LiveRun => ({
  run: `${task}.0`,
  task,
  project: 'a',
  role: 'developer',
  ...over,
})
const asked = (ready: readonly ReadyRun[], breakers: QueueFacts['breakers'], known: Partial<QueueFacts> = {}) => {
  const facts = { waiting: [], lanes: [], live: [], frozen: {}, windows: {}, ...known, ready, breakers }
  const { admit, probes, waits } = schedule(facts, rules, NOW)
  return { admit, probes, waits: Object.fromEntries(waits.runs) }
}

describe('while a provider’s breaker is open', () => {
  it('no run of an agent that needs it starts, and each is told why and for how long', () => {
    assert.deepEqual(asked([run(1), run(2, { role: 'reviewer' })], { acme: openUntil(NOW + 1) }), {
      admit: [],
      probes: {},
      waits: {
        '1.1': 'acme is not asked for 1 s more: it is overloaded.',
        '2.1': 'acme is not asked for 1 s more: it is overloaded.',
      },
    })
  })

  it('checks, merges, agents that ask nobody and those of another provider go on', () => {
    const others = [
      run(2, { kind: 'check', role: null }),
      run(3, { kind: 'merge', role: null }),
      run(4, { role: 'tester' }),
      run(5, { project: 'b' }),
    ]
    const { admit, waits } = asked([run(1), ...others], { acme: openUntil(NOW + 60_000) })
    assert.deepEqual(admit, ['2.1', '3.1', '4.1', '5.1'])
    assert.deepEqual(Object.keys(waits), ['1.1'])
  })

  it('what waits takes no slot from others', () => {
    const tight = { ...rules, caps: { ...rules.caps, total: 1 } }
    const facts = { waiting: [], lanes: [], live: [], frozen: {}, windows: {}, breakers: { acme: openUntil(NOW + 1) } }
    const { admit } = schedule({ ...facts, ready: [run(1), run(2, { project: 'b' })] }, tight, NOW)
    assert.deepEqual(admit, ['2.1'])
  })
})

describe('when its time has come', () => {
  it('one run tries, the first by turn, and the others wait for what it finds', () => {
    assert.deepEqual(asked([run(2), run(1), run(3)], { acme: openUntil(NOW) }), {
      admit: ['1.1'],
      probes: { acme: triedBy('1.1') },
      waits: {
        '2.1': 'run 1.1 tries whether acme works again: it is overloaded.',
        '3.1': 'run 1.1 tries whether acme works again: it is overloaded.',
      },
    })
  })

  it('a run that may not begin for another reason does not take the turn of the one that tries', () => {
    const late = run(1, { notBefore: NOW + 1_000 })
    const { admit, probes } = asked([late, run(2)], { acme: openUntil(NOW) })
    assert.deepEqual(admit, ['2.1'])
    assert.deepEqual(probes, { acme: triedBy('2.1') })
  })

  it('each provider is tried by a run of its own', () => {
    const { admit, probes } = asked([run(1), run(2, { project: 'b' })], { acme: openUntil(0), other: openUntil(NOW) })
    assert.deepEqual(admit, ['1.1', '2.1'])
    assert.deepEqual([probes.acme, probes.other], [triedBy('1.1'), triedBy('2.1')])
  })

  it('while one tries, nobody else does; where it is gone without a word, the next one does', () => {
    const trying = { acme: triedBy('7.0') }
    const during = asked([run(1)], trying, { live: [busy(7)] })
    assert.deepEqual(during.admit, [])
    assert.match(during.waits['1.1'] ?? '', /^run 7\.0 tries whether acme works again/)
    assert.deepEqual(asked([run(1)], trying, { live: [busy(8)] }).probes, { acme: triedBy('1.1') })
  })

  it('a closed one, whatever it has seen, keeps nobody waiting and is tried by nobody', () => {
    const two = asked([run(1), run(2)], { acme: { is: 'closed', troubles: 2 } })
    assert.deepEqual([two.admit, two.probes], [['1.1', '2.1'], {}])
  })
})

const breaker: fc.Arbitrary<Breaker> = fc.oneof(
  fc.constant({ is: 'closed', troubles: 1 } as const),
  fc.constantFrom(NOW - 1, NOW, NOW + 1, NOW + 60_000).map(openUntil),
  fc.integer({ min: 40, max: 60 }).map((task) => triedBy(`${task}.0`)),
)
const ready = fc
  .record({
    task: fc.integer({ min: 1, max: 40 }),
    kind: fc.constantFrom(...RUN_KINDS),
    role: fc.constantFrom(...ROLES),
    project: fc.constantFrom('a', 'b'),
    readyAt: fc.integer({ min: 0, max: 9 }),
  })
  .map(({ task, kind, role, ...over }) => run(task, { ...over, kind, role: kind === 'agent' ? role : null }))
const live = fc
  .record({ task: fc.integer({ min: 41, max: 60 }), project: fc.constantFrom('a', 'b') })
  .map(({ task, project }) => busy(task, { project }))

describe('whatever the breakers are', () => {
  const facts = fc.record({
    ready: fc.uniqueArray(ready, { selector: ({ task }) => task, maxLength: 10 }),
    live: fc.uniqueArray(live, { selector: ({ task }) => task, maxLength: 4 }),
    breakers: fc.dictionary(fc.constantFrom('acme', 'other'), breaker),
  })
  const law = (name: string, holds: (known: Pick<QueueFacts, 'ready' | 'live' | 'breakers'>) => void) =>
    it(name, () => fc.assert(fc.property(facts, holds), { numRuns: 300 }))
  const needs = (provider: string) => (one: ReadyRun) =>
    one.kind === 'agent' && one.role !== null && rules.providerOf(one.project, one.role) === provider

  law('nobody starts into one that is not closed, but one run, which is then known as the one that tries', (known) => {
    const { admit, probes } = asked(known.ready, known.breakers, known)
    for (const provider of ['acme', 'other']) {
      const begun = known.ready.filter((one) => admit.includes(one.run) && needs(provider)(one))
      const before = known.breakers[provider]
      if (before === undefined || before.is === 'closed') continue
      assert.ok(begun.length <= 1, `${begun.length} runs start into ${provider}`)
      assert.deepEqual(probes[provider], begun[0] && triedBy(begun[0].run))
      if (before.is === 'open' && before.until > NOW) assert.equal(begun.length, 0)
      if (before.is === 'half-open' && known.live.some((one) => one.run === before.probe)) assert.equal(begun.length, 0)
    }
  })

  law('one that may be tried is tried as soon as there is somebody', (known) => {
    const { admit } = asked(known.ready, known.breakers, known)
    const wide = known.ready.length + known.live.length <= rules.caps.total
    for (const [provider, before] of Object.entries(known.breakers)) {
      const isDue = before.is === 'open' && before.until <= NOW
      const isFree = before.is === 'half-open' && !known.live.some((one) => one.run === before.probe)
      const some = known.ready.filter(needs(provider))
      if (wide && some.length > 0 && (isDue || isFree)) assert.ok(some.some((one) => admit.includes(one.run)))
    }
  })

  law('they change nobody else’s turn', (known) => {
    const wide = { ...rules, caps: { ...rules.caps, total: 99 } }
    const othersOf = (breakers: QueueFacts['breakers']) => {
      const rest = { waiting: [], lanes: [], frozen: {}, windows: {} }
      const begun = schedule({ ...rest, ...known, breakers }, wide, NOW).admit
      const others = known.ready.filter((one) => !needs('acme')(one) && !needs('other')(one))
      return begun.filter((id) => others.some((one) => one.run === id))
    }
    assert.deepEqual(othersOf(known.breakers), othersOf({}))
  })
})
