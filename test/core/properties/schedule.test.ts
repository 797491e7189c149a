/** Laws of `schedule`, and its sentences. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  byTurn,
  type LiveRun,
  type QueueFacts,
  type ReadyRun,
  type ScheduleRules,
  schedule,
  type WaitingTask,
} from '#core/schedule.ts'
import { ROLES, RUN_KINDS } from '#core/words.ts'

const NOW = 1_000_000
const REPOS = ['acme/a', 'acme/b', 'acme/c']
const PROJECTS = ['a', 'b']
const repo = fc.constantFrom(...REPOS)
const project = fc.constantFrom(...PROJECTS)
const role = fc.constantFrom(null, ...ROLES)

const waiting: fc.Arbitrary<WaitingTask> = fc.record({
  task: fc.integer({ min: 1, max: 200 }),
  repo,
  number: fc.integer({ min: 1, max: 50 }),
  priority: fc.integer({ min: 0, max: 4 }),
  next: fc.boolean(),
  blockers: fc.constantFrom([], [], [], ['A-1'], ['A-1', 'A-2']),
})
const ready: fc.Arbitrary<ReadyRun> = fc
  .record({
    task: fc.integer({ min: 201, max: 260 }),
    repo,
    project,
    kind: fc.constantFrom(...RUN_KINDS),
    role,
    notBefore: fc.constantFrom(0, NOW, NOW, NOW + 1, NOW + 60_000),
    readyAt: fc.integer({ min: 0, max: 1_000 }),
    inWindow: fc.boolean(),
  })
  .map((run) => ({ ...run, run: `${run.task}.1` }))
const live: fc.Arbitrary<LiveRun> = fc
  .record({ task: fc.integer({ min: 240, max: 300 }), project, role })
  .map((run) => ({ ...run, run: `${run.task}.0` }))

const facts: fc.Arbitrary<QueueFacts> = fc.record({
  waiting: fc.uniqueArray(waiting, { selector: ({ task }) => task, maxLength: 12 }),
  lanes: fc.uniqueArray(
    fc.record({ task: fc.integer({ min: 201, max: 300 }), repo }).map((lane) => ({ ...lane, key: `K-${lane.task}` })),
    { selector: (lane) => lane.repo },
  ),
  ready: fc.uniqueArray(ready, { selector: ({ task }) => task, maxLength: 12 }),
  live: fc.uniqueArray(live, { selector: ({ task }) => task, maxLength: 6 }),
  frozen: fc.dictionary(repo, fc.constantFrom('bad release', 'holidays')),
  windows: fc.dictionary(
    repo,
    fc.integer({ min: 201, max: 300 }).map((task) => ({ task, key: `K-${task}` })),
  ),
  breakers: fc.constant({}),
})
const cap = fc.integer({ min: 0, max: 5 })
const rules: fc.Arbitrary<ScheduleRules> = fc.record({
  caps: fc.record({
    total: fc.integer({ min: 0, max: 12 }),
    perRole: fc.dictionary(fc.constantFrom(...ROLES), cap),
    perProject: fc.dictionary(project, cap),
  }),
  serialGate: fc.constantFrom(
    () => true,
    () => false,
    (name: string) => name === 'acme/a',
  ),
  freeze: fc.boolean(),
  providerOf: fc.constant(() => null),
})
const law = (name: string, holds: (facts: QueueFacts, rules: ScheduleRules) => void) =>
  it(name, () => fc.assert(fc.property(facts, rules, holds), { numRuns: 200 }))
const find = <T, K>(all: readonly T[], key: (one: T) => K, wanted: readonly K[]): T[] =>
  wanted.map((id) => {
    const found = all.find((one) => key(one) === id)
    assert.ok(found, `${String(id)} is not among those that wait`)
    return found
  })
const count = <T>(all: readonly T[], test: (one: T) => boolean) => all.filter(test).length

describe('schedule', () => {
  law('never goes above a cap', (known, given) => {
    const { admit } = schedule(known, given, NOW)
    const begun = find(known.ready, ({ run }) => run, admit)
    const all = [...known.live, ...begun]
    assert.ok(begun.length === 0 || all.length <= given.caps.total)
    for (const run of begun) {
      const ofRole = run.role === null ? undefined : given.caps.perRole[run.role]
      if (ofRole !== undefined) assert.ok(count(all, (one) => one.role === run.role) <= ofRole)
      const ofProject = given.caps.perProject[run.project]
      if (ofProject !== undefined) assert.ok(count(all, (one) => one.project === run.project) <= ofProject)
    }
  })

  law('leaves no slot empty that a ready run could take', (known, given) => {
    const { admit, waits } = schedule(known, given, NOW)
    const all = [...known.live, ...find(known.ready, ({ run }) => run, admit)]
    for (const run of known.ready.filter((one) => waits.runs.has(one.run))) {
      const sentence = waits.runs.get(run.run) ?? ''
      if (sentence.startsWith('all ') && sentence.endsWith('slots are taken')) assert.ok(all.length >= given.caps.total)
    }
  })

  law('lets one task at most into a lane, and none where it is taken', (known, given) => {
    const begun = find(known.waiting, ({ task }) => task, schedule(known, given, NOW).letIn)
    for (const name of REPOS.filter((one) => given.serialGate(one))) {
      const taken = count(known.lanes, (lane) => lane.repo === name)
      assert.ok(taken + count(begun, (task) => task.repo === name) <= Math.max(1, taken))
    }
  })

  law('lets in the first by turn whose blockers have ended', (known, given) => {
    const { letIn } = schedule(known, given, NOW)
    for (const name of REPOS.filter((one) => given.serialGate(one))) {
      const isOpen = !known.lanes.some((lane) => lane.repo === name) && !(given.freeze && known.frozen[name])
      const [first] = known.waiting.filter((one) => one.repo === name && one.blockers.length === 0).sort(byTurn)
      const begun = known.waiting.filter((one) => one.repo === name && letIn.includes(one.task))
      assert.deepEqual(begun, isOpen && first ? [first] : [])
    }
  })

  law('lets everybody in whose blockers have ended, where the serial gate is off', (known, given) => {
    const off = { ...given, serialGate: () => false, freeze: false }
    const free = known.waiting.filter(({ blockers }) => blockers.length === 0).sort(byTurn)
    assert.deepEqual(
      schedule(known, off, NOW).letIn,
      free.map(({ task }) => task),
    )
  })

  law('lets nobody into a frozen repository and opens no window there', (known, given) => {
    const { letIn, admit } = schedule(known, given, NOW)
    if (!given.freeze) return
    for (const { repo: name } of find(known.waiting, ({ task }) => task, letIn))
      assert.equal(known.frozen[name], undefined)
    for (const run of find(known.ready, ({ run: id }) => id, admit))
      assert.ok(run.kind !== 'merge' || run.inWindow || known.frozen[run.repo] === undefined)
  })

  law('lets a freeze bind nobody where freezing is switched off', (known, given) => {
    const off = { ...given, freeze: false }
    assert.deepEqual(schedule(known, off, NOW), schedule({ ...known, frozen: {} }, { ...given, freeze: true }, NOW))
  })

  law('begins one run of a task at a time, none before its time, and one merge of a repository', (known, given) => {
    const begun = find(known.ready, ({ run }) => run, schedule(known, given, NOW).admit)
    const tasks = [...known.live, ...begun].map(({ task }) => task)
    for (const { task } of begun)
      assert.equal(
        count(tasks, (one) => one === task),
        1,
      )
    for (const { notBefore } of begun) assert.ok(notBefore <= NOW)
    for (const name of REPOS) {
      const merges = begun.filter((run) => run.repo === name && run.kind === 'merge' && !run.inWindow)
      assert.ok(merges.length <= 1)
      const open = known.windows[name]
      if (open) for (const merge of merges) assert.equal(merge.task, open.task)
    }
  })

  law('says of each that waits why, in one sentence, and of no other', (known, given) => {
    const { letIn, admit, waits } = schedule(known, given, NOW)
    const tasks = known.waiting.map(({ task }) => task)
    const runs = known.ready.map(({ run }) => run)
    assert.deepEqual([...letIn, ...waits.tasks.keys()].sort(), [...tasks].sort())
    assert.deepEqual([...admit, ...waits.runs.keys()].sort(), [...runs].sort())
    for (const sentence of [...waits.tasks.values(), ...waits.runs.values()]) assert.match(sentence, /^\S[^\n]*\S$/)
  })

  law('gives the same answer in whatever order it is asked', (known, given) => {
    const turned = { ...known, waiting: known.waiting.toReversed(), ready: known.ready.toReversed() }
    const [one, other] = [schedule(known, given, NOW), schedule(turned, given, NOW)]
    assert.deepEqual(other.letIn, one.letIn)
    assert.deepEqual(other.admit, one.admit)
    assert.deepEqual(new Map([...other.waits.tasks].sort()), new Map([...one.waits.tasks].sort()))
  })

  law('changes none of what it was given', (known, given) => {
    const before = JSON.stringify(known)
    schedule(known, given, NOW)
    assert.equal(JSON.stringify(known), before)
  })

  law('a task whose blocker is open keeps nobody else waiting', (known, given) => {
    const without = { ...known, waiting: known.waiting.filter(({ blockers }) => blockers.length === 0) }
    assert.deepEqual(schedule(known, given, NOW).letIn, schedule(without, given, NOW).letIn)
  })

  law('a run that may not begin keeps nobody else waiting', (known, given) => {
    const late = (run: ReadyRun) => run.notBefore > NOW
    const without = { ...known, ready: known.ready.filter((run) => !late(run)) }
    assert.deepEqual(schedule(known, given, NOW).admit, schedule(without, given, NOW).admit)
  })

  it('starves nobody: where tasks end, each has its turn', () => {
    fc.assert(
      fc.property(facts, ({ waiting: all }) => {
        const free = all.map((one) => ({ ...one, blockers: [] }))
        const open: ScheduleRules = {
          caps: { total: 9, perRole: {}, perProject: {} },
          serialGate: () => true,
          freeze: true,
          providerOf: () => null,
        }
        let left: readonly WaitingTask[] = free
        for (let turn = 0; left.length > 0; turn += 1) {
          assert.ok(turn < free.length, 'somebody waits for ever')
          const { letIn } = schedule({ ...NOBODY, waiting: left }, open, NOW)
          left = left.filter(({ task }) => !letIn.includes(task))
        }
      }),
    )
  })

  it('keeps the order next, priority, number', () => {
    const order: readonly Partial<WaitingTask>[] = [
      { task: 9, next: true, priority: 0, number: 40 },
      { task: 8, priority: 4, number: 9 },
      { task: 7, priority: 2, number: 2 },
      { task: 5, priority: 2, number: 3 },
      { task: 6, priority: 2, number: 3 },
      { task: 1, priority: 0, number: 1 },
    ]
    const all = order.map((one) => ({ ...one, next: one.next ?? false, repo: 'acme/a', blockers: [] }) as WaitingTask)
    assert.deepEqual(
      all
        .toReversed()
        .sort(byTurn)
        .map(({ task }) => task),
      [9, 8, 7, 5, 6, 1],
    )
  })
})

const NOBODY: QueueFacts = { waiting: [], lanes: [], ready: [], live: [], frozen: {}, windows: {}, breakers: {} }
const OPEN: ScheduleRules = {
  caps: { total: 2, perRole: { developer: 1 }, perProject: { a: 1 } },
  serialGate: () => true,
  freeze: true,
  providerOf: () => null,
}
const task = (id: number, over: Partial<WaitingTask> = {}): WaitingTask => ({
  task: id,
  repo: 'acme/a',
  number: id,
  priority: 0,
  next: false,
  blockers: [],
  ...over,
})
const run = (id: number, over: Partial<ReadyRun> = {}): ReadyRun => ({
  run: `${id}.1`,
  task: id,
  repo: 'acme/a',
  project: 'b',
  kind: 'agent',
  role: null,
  notBefore: 0,
  readyAt: 0,
  inWindow: false,
  ...over,
})
const busy = (id: number, over: Partial<LiveRun> = {}): LiveRun => ({
  run: `${id}.0`,
  task: id,
  project: 'c',
  role: null,
  ...over,
})

describe('why a task waits', () => {
  const why = (known: Partial<QueueFacts>, over: Partial<ScheduleRules> = {}) =>
    Object.fromEntries(schedule({ ...NOBODY, ...known }, { ...OPEN, ...over }, NOW).waits.tasks)
  const lanes = [{ task: 3, key: 'SHOP-3', repo: 'acme/a' }]

  it('its blockers are open', () => {
    assert.deepEqual(why({ waiting: [task(1, { blockers: ['SHOP-2', 'SHOP-3'] })] }), {
      1: 'waits for SHOP-2, SHOP-3 to end',
    })
  })
  it('its repository is frozen', () => {
    assert.deepEqual(why({ waiting: [task(1)], frozen: { 'acme/a': 'bad release' } }), {
      1: 'acme/a is frozen: bad release',
    })
  })
  it('its lane belongs to another, with how many before it', () => {
    assert.deepEqual(why({ waiting: [task(1), task(2), task(4)], lanes }), {
      1: 'the lane of acme/a belongs to SHOP-3',
      2: 'the lane of acme/a belongs to SHOP-3, 1 more ahead of it',
      4: 'the lane of acme/a belongs to SHOP-3, 2 more ahead of it',
    })
  })
  it('one is let in before it', () => {
    assert.deepEqual(why({ waiting: [task(1), task(2)] }), { 2: 'the lane of acme/a belongs to task 1' })
  })
  it('nothing, where lanes are not kept', () => {
    assert.deepEqual(why({ waiting: [task(1), task(2)], lanes }, { serialGate: () => false }), {})
  })
})

describe('why a run waits', () => {
  const why = (ready: readonly ReadyRun[], known: Partial<QueueFacts> = {}) =>
    Object.fromEntries(schedule({ ...NOBODY, ...known, ready }, OPEN, NOW).waits.runs)
  const windows = { 'acme/a': { task: 3, key: 'SHOP-3' } }

  it('its time has not come', () => {
    assert.deepEqual(why([run(1, { notBefore: NOW + 1_500 })]), { '1.1': 'waits 2 s before its next try' })
    assert.deepEqual(why([run(1, { notBefore: NOW })]), {})
  })
  it('an earlier run of its task is still alive', () => {
    assert.deepEqual(why([run(1)], { live: [busy(1)] }), { '1.1': 'an earlier run of this task has not ended yet' })
  })
  it('all slots are taken', () => {
    assert.deepEqual(why([run(1)], { live: [busy(2), busy(3)] }), { '1.1': 'all 2 slots are taken' })
  })
  it('all slots of its role are taken', () => {
    assert.deepEqual(why([run(1, { role: 'developer' })], { live: [busy(2, { role: 'developer' })] }), {
      '1.1': 'all 1 slots for the developer are taken',
    })
    assert.deepEqual(why([run(1, { role: 'tester' })], { live: [busy(2, { role: 'developer' })] }), {})
  })
  it('all slots of its project are taken', () => {
    assert.deepEqual(why([run(1, { project: 'a' })], { live: [busy(2, { project: 'a' })] }), {
      '1.1': 'all 1 slots of project a are taken',
    })
  })
  it('it would merge into a frozen repository', () => {
    const frozen = { 'acme/a': 'bad release' }
    assert.deepEqual(why([run(1, { kind: 'merge' })], { frozen }), { '1.1': 'acme/a is frozen: bad release' })
    assert.deepEqual(why([run(1, { kind: 'merge', inWindow: true })], { frozen }), {})
    assert.deepEqual(why([run(1)], { frozen }), {})
  })
  it('it would merge while another task is between merge and production', () => {
    assert.deepEqual(why([run(1, { kind: 'merge' })], { windows }), { '1.1': 'SHOP-3 is between merge and production' })
    assert.deepEqual(why([run(3, { kind: 'merge' })], { windows }), {})
    assert.deepEqual(why([run(1, { kind: 'merge' }), run(2, { kind: 'merge' })]), {
      '2.1': 'task 1 is between merge and production',
    })
    assert.deepEqual(why([run(1, { kind: 'merge' }), run(2, { kind: 'merge', repo: 'acme/b' })]), {})
  })
  it('those in a window go first, then those that were ready first', () => {
    const order = [
      run(1, { readyAt: 5 }),
      run(2, { readyAt: 3 }),
      run(3, { readyAt: 9, inWindow: true }),
      run(4, { readyAt: 3 }),
    ]
    const wide = { ...OPEN, caps: { total: 9, perRole: {}, perProject: {} } }
    assert.deepEqual(schedule({ ...NOBODY, ready: order }, wide, NOW).admit, ['3.1', '2.1', '4.1', '1.1'])
  })
})
