/** What every store must keep of agents' runs: what they were given, what they used, and the breakers of providers. */
import assert from 'node:assert/strict'
import { type Breaker, probedBy } from '../../src/core/breaker.ts'
import type { Task, Usage } from '../../src/core/model.ts'
import type { RunAgent, RunRow, Store, Tx } from '../../src/engine/ports/store.ts'

export interface StoreStories {
  withStore(story: string, tell: (store: Store) => Promise<void>): void
  /** Opens the task of the item `n`. */
  open(tx: Tx, n: number): Promise<Task>
  readonly at: number
}

const DAY = 24 * 60 * 60_000
/** The beginning of some day of UTC. */
const MONDAY = Date.UTC(2030, 0, 7)
const OPEN: Breaker = { is: 'open', until: 9_000, why: 'it is overloaded', code: 'overloaded', since: 1, probes: 2 }

let jobs = 0
const jobId = () => {
  jobs += 1
  return `00000000-0000-4000-8000-${String(jobs).padStart(12, '0')}`
}

export function agentStories({ withStore, open, at }: StoreStories): void {
  /** A run that is admitted and has begun. */
  const begin = async (store: Store, task: Task, n: number, over: Partial<RunRow> = {}): Promise<string> => {
    const id = `${task.id}.${n}`
    await store.transaction(async (tx) => {
      await tx.insertRun({
        id,
        task: task.id,
        repo: task.repo,
        project: task.project,
        stage: 'analysis',
        kind: 'agent',
        role: 'analyst',
        target: null,
        artefact: null,
        state: 'ready',
        readyAt: at,
        notBefore: at,
        job: null,
        host: null,
        startedAt: null,
        endedAt: null,
        sentence: null,
        usage: null,
        facts: null,
        report: null,
        agent: null,
        ...over,
      })
      await tx.updateRun(id, ['ready'], {
        state: 'admitted',
        job: jobId(),
        startedAt: over.startedAt === undefined ? at : over.startedAt,
      })
    })
    return id
  }
  const end = (store: Store, id: string, usage: Usage | null, endedAt: number, state: RunRow['state'] = 'done') =>
    store.transaction((tx) => tx.updateRun(id, ['admitted'], { state, usage, endedAt }))
  const ran = async (store: Store, task: Task, n: number, usage: Usage | null, over: Partial<RunRow> = {}) => {
    const id = await begin(store, task, n, over)
    await end(store, id, usage, (over.startedAt ?? at) + 1_000)
    return id
  }
  const two = (store: Store) => store.transaction(async (tx) => [await open(tx, 1), await open(tx, 2)] as const)

  withStore('a breaker is kept by provider, with the rest of its transaction or not at all', async (store) => {
    assert.equal(await store.transaction((tx) => tx.breaker('acme')), null)
    assert.deepEqual(await store.reads.breakers(), {})
    await assert.rejects(
      store.transaction(async (tx) => {
        await tx.setBreaker('acme', OPEN, at)
        throw new Error('and then it fails')
      }),
    )
    assert.deepEqual(await store.reads.breakers(), {})
    await store.transaction(async (tx) => {
      await tx.setBreaker('acme', { is: 'closed', troubles: 2 }, at)
      await tx.setBreaker('other', { is: 'closed', troubles: 1 }, at)
    })
    await store.transaction((tx) => tx.setBreaker('acme', OPEN, at + 1))
    assert.deepEqual(await store.transaction((tx) => tx.breaker('acme')), OPEN)
    assert.deepEqual(await store.reads.breakers(), { acme: OPEN, other: { is: 'closed', troubles: 1 } })
    const probing = probedBy(OPEN, '1.1')
    await store.transaction(async (tx) => {
      await tx.setBreaker('acme', probing, at + 2)
      const known = await tx.queueFacts()
      assert.deepEqual(known.breakers, { acme: probing, other: { is: 'closed', troubles: 1 } })
    })
    assert.deepEqual((await store.reads.queueFacts()).breakers.acme, probing)
  })

  withStore('two runs that end with trouble at once are both counted', async (store) => {
    await store.transaction((tx) => tx.setBreaker('acme', { is: 'closed', troubles: 0 }, at))
    const trouble = () =>
      store.transaction(async (tx) => {
        const now = await tx.breaker('acme')
        assert.equal(now?.is, 'closed')
        await tx.setBreaker('acme', { is: 'closed', troubles: now.troubles + 1 }, at)
      })
    await Promise.all([trouble(), trouble(), trouble()])
    assert.deepEqual(await store.reads.breakers(), { acme: { is: 'closed', troubles: 3 } })
  })

  withStore('what an agent’s run was given is read back as it was written, and none is null', async (store) => {
    const [task] = await two(store)
    const id = await begin(store, task, 1)
    assert.equal((await store.reads.runById(id))?.agent, null)
    const agent: RunAgent = {
      runtime: 'some',
      provider: 'acme',
      choice: { model: 'acme-one', effort: 'high', fallback: null, reasons: ['model: acme-one, set for ’x’ \\u0000'] },
      models: ['acme-one', 'acme-two'],
      session: { run: id, id: 'session-1', usage: { input: 7, costUsd: 0.25 } },
      resumes: '1.0',
    }
    await store.transaction((tx) => tx.updateRun(id, ['admitted'], { agent }))
    assert.deepEqual((await store.reads.runById(id))?.agent, agent)
    assert.deepEqual((await store.transaction((tx) => tx.run(id)))?.agent, agent)
    assert.deepEqual((await store.reads.runs(task.id))[0]?.agent, agent)
    assert.deepEqual((await store.reads.liveRuns())[0]?.agent, agent)
    const bare: RunAgent = { ...agent, provider: null, session: null, resumes: null, models: [] }
    await store.transaction((tx) => tx.updateRun(id, ['admitted'], { agent: bare }))
    assert.deepEqual((await store.reads.runById(id))?.agent, bare)
    await end(store, id, null, at + 1)
    assert.deepEqual((await store.reads.runById(id))?.agent, bare, 'its end does not take it away')
  })

  withStore('what a run has used is shown while it works, and no more once it has ended', async (store) => {
    const [task, other] = await two(store)
    const id = await begin(store, task, 1)
    const show = (usage: Usage) => store.transaction((tx) => tx.updateRun(id, ['admitted'], { usage }))
    assert.equal(await show({ input: 10 }), true)
    assert.equal(await show({ input: 20, costUsd: 0.5 }), true)
    assert.deepEqual((await store.reads.runById(id))?.usage, { input: 20, costUsd: 0.5 })
    const all = { since: at, task: task.id, except: `${other.id}.9` }
    assert.deepEqual((await store.reads.spending(all)).task, { input: 20, costUsd: 0.5 }, 'others’ budgets know of it')
    await end(store, id, { input: 30, costUsd: 0.75, model: 'acme-one' }, at + 1)
    assert.equal(await show({ input: 25 }), false)
    assert.deepEqual((await store.reads.runById(id))?.usage, { input: 30, costUsd: 0.75, model: 'acme-one' })
  })

  withStore(
    'spending is the task’s over all time and everybody’s of the day, without the run that asks',
    async (store) => {
      const [task, other] = await two(store)
      await ran(store, task, 1, { input: 1, costUsd: 0.5 }, { startedAt: MONDAY - 1 })
      await ran(store, task, 2, { input: 2, output: 4, turns: 1 }, { startedAt: MONDAY })
      await ran(store, other, 1, { cacheRead: 8, costUsd: 0.25 }, { startedAt: MONDAY + 5 })
      const mine = await begin(store, task, 3, { startedAt: MONDAY + 10 })
      await store.transaction((tx) => tx.updateRun(mine, ['admitted'], { usage: { input: 1_000 } }))
      await ran(store, other, 2, { input: 500 }, { startedAt: MONDAY + 11, kind: 'check', role: null })
      const spending = await store.reads.spending({ since: MONDAY, task: task.id, except: mine })
      assert.deepEqual(spending.task, { input: 3, output: 4, costUsd: 0.5, turns: 1 })
      assert.deepEqual(spending.day, { input: 2, output: 4, cacheRead: 8, costUsd: 0.25, turns: 1 })
      const all = await store.reads.spending({ since: MONDAY, task: task.id, except: '0.0' })
      assert.equal(all.task.input, 1_003)
    },
  )

  withStore('a number that no run reported stays absent and is never zero', async (store) => {
    const [task, other] = await two(store)
    assert.deepEqual(await store.reads.spending({ since: 0, task: task.id, except: '0.0' }), { task: {}, day: {} })
    await ran(store, task, 1, null)
    await ran(store, task, 2, {})
    await ran(store, other, 1, { output: 0 })
    assert.deepEqual(await store.reads.spending({ since: 0, task: task.id, except: '0.0' }), {
      task: {},
      day: { output: 0 },
    })
    const [row] = await store.reads.usage({ by: 'task', from: 0, to: at + 1, project: 'p' })
    assert.ok(row && !('costUsd' in row.usage))
  })

  withStore('usage is summed by role, task, project, day and model, largest cost first', async (store) => {
    const [task, other] = await two(store)
    const one = { input: 1, costUsd: 0.5, model: 'acme-one' }
    const large = { output: 16, costUsd: 4, model: 'acme-two' }
    await ran(store, task, 1, one, { startedAt: MONDAY })
    await ran(store, task, 2, large, { startedAt: MONDAY + DAY - 1, role: 'developer' })
    await ran(store, other, 1, { input: 2 }, { startedAt: MONDAY + DAY, project: 'q' })
    await ran(store, other, 2, one, { startedAt: MONDAY + 2 * DAY, role: 'tester' })
    await ran(store, other, 3, one, { startedAt: MONDAY, kind: 'merge', role: null })
    const working = await begin(store, task, 3, { startedAt: MONDAY, role: 'reviewer' })
    await store.transaction((tx) => tx.updateRun(working, ['admitted'], { usage: { costUsd: 1 } }))
    const by = async (what: 'role' | 'task' | 'project' | 'day' | 'model', project?: string) => {
      const span = { from: MONDAY, to: MONDAY + 2 * DAY, ...(project === undefined ? {} : { project }) }
      const rows = await store.reads.usage({ by: what, ...span })
      return rows.map(({ name, runs, ms, usage }) => [name, runs, ms, usage])
    }
    assert.deepEqual(await by('role'), [
      ['developer', 1, 1_000, { output: 16, costUsd: 4 }],
      ['reviewer', 1, 0, { costUsd: 1 }],
      ['analyst', 2, 2_000, { input: 3, costUsd: 0.5 }],
    ])
    assert.deepEqual(await by('task'), [
      [task.key, 3, 2_000, { input: 1, output: 16, costUsd: 5.5 }],
      [other.key, 1, 1_000, { input: 2 }],
    ])
    assert.deepEqual(await by('project'), [
      ['p', 3, 2_000, { input: 1, output: 16, costUsd: 5.5 }],
      ['q', 1, 1_000, { input: 2 }],
    ])
    assert.deepEqual(await by('day'), [
      ['2030-01-08', 1, 1_000, { input: 2 }],
      ['2030-01-07', 3, 2_000, { input: 1, output: 16, costUsd: 5.5 }],
    ])
    assert.deepEqual(await by('model'), [
      ['acme-two', 1, 1_000, { output: 16, costUsd: 4 }],
      ['unknown', 2, 1_000, { input: 2, costUsd: 1 }],
      ['acme-one', 1, 1_000, { input: 1, costUsd: 0.5 }],
    ])
    assert.deepEqual(await by('day', 'q'), [['2030-01-08', 1, 1_000, { input: 2 }]])
    assert.deepEqual(await by('role', 'no-such-project'), [])
  })
}
