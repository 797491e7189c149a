/** What every store must do. Runs on PostgreSQL and on the simulation's store alike. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Task } from '../../src/core/model.ts'
import { openTask } from '../../src/engine/intake.ts'
import type { EffectRow, Store, Tx } from '../../src/engine/ports/store.ts'
import type { WorkItem } from '../../src/engine/ports/tracker.ts'
import { agentStories } from './store-contract-agent.ts'

export interface StoreWorld {
  readonly store: Store
  close(): Promise<void>
}

const AT = 1_000_000
const HOST = { name: 'here', bootId: 'boot', pid: 7, startTime: '99' }
const person = { id: 'ann', name: 'Ann', isBot: false }
const item = (n: number): WorkItem => ({
  id: `item-${n}`,
  key: `ABC-${n}`,
  title: `Item ${n}`,
  description: '',
  status: 'to-analyse',
  priority: 0,
  url: null,
  statusSince: AT,
  statusBy: person,
})
const run = {
  kind: 'agent',
  role: 'analyst',
  target: null,
  artefact: 'analysis',
  job: null,
  host: null,
  startedAt: null,
  endedAt: null,
  sentence: null,
  usage: null,
  facts: null,
  report: null,
  agent: null,
} as const

export function storeContract(name: string, make: () => Promise<StoreWorld>): void {
  const withStore = (story: string, tell: (store: Store) => Promise<void>) =>
    it(story, async () => {
      const world = await make()
      try {
        await tell(world.store)
      } finally {
        await world.close()
      }
    })
  const open = (tx: Tx, n = 1, repo = 'alpha'): Promise<Task> =>
    openTask({ clock: { now: () => AT, sleep: async () => {} }, repoOf: () => repo }, tx, 'p', item(n), 1, 'Ann')
  const ready = (tx: Tx, task: Task, n: number) =>
    tx.insertRun({
      ...run,
      id: `${task.id}.${n}`,
      task: task.id,
      repo: task.repo,
      project: task.project,
      stage: task.stage,
      state: 'ready',
      readyAt: AT,
      notBefore: AT,
    })
  const inAnalysis = (task: Task): Task => ({
    ...task,
    stage: 'analysis',
    lane: true,
    phase: { is: 'ready', run: `${task.id}.1`, since: AT },
  })

  describe(`store: ${name}`, () => {
    withStore('a failed transaction leaves nothing behind', async (store) => {
      await assert.rejects(
        store.transaction(async (tx) => {
          await open(tx)
          throw new Error('and then it fails')
        }),
        /and then it fails/,
      )
      assert.deepEqual(await store.reads.tasks({ limit: 10 }), [])
    })

    withStore('a task is read back as it was saved, whatever its texts contain', async (store) => {
      const text = 'NUL \u0000, half \uD800, emoji 👩‍🚀, quote \' " \\u0000'
      const task = await store.transaction(async (tx) => {
        const made = await open(tx)
        const changed: Task = { ...made, notes: [text] }
        await tx.saveTask(changed, AT + 1)
        return changed
      })
      const row = await store.reads.taskByKey('ABC-1')
      assert.equal(row?.updatedAt, AT + 1)
      assert.equal(row?.task.notes[0], 'NUL \uFFFD, half \uFFFD, emoji 👩‍🚀, quote \' " \\u0000')
      assert.deepEqual({ ...row?.task, notes: [] }, { ...task, notes: [] })
    })

    withStore(
      'tasks of a repository are numbered without gaps that matter, and a second open one of an item is refused',
      async (store) => {
        const numbers = await store.transaction(async (tx) => [
          (await open(tx, 1)).number,
          (await open(tx, 2)).number,
          (await open(tx, 3, 'beta')).number,
        ])
        assert.deepEqual(numbers, [1, 2, 1])
        await assert.rejects(
          store.transaction((tx) =>
            openTask(
              { clock: { now: () => AT, sleep: async () => {} }, repoOf: () => 'alpha' },
              tx,
              'p',
              { ...item(1), key: 'ABC-9' },
              2,
              'Ann',
            ),
          ),
        )
      },
    )

    withStore('a terminal stage is left by nobody', async (store) => {
      const task = await store.transaction((tx) => open(tx))
      const done: Task = { ...task, stage: 'done', phase: { is: 'final', since: AT } }
      await store.transaction((tx) => tx.saveTask(done, AT))
      await assert.rejects(
        store.transaction((tx) =>
          tx.saveTask({ ...done, stage: 'deploy', phase: { is: 'ready', run: `${task.id}.1`, since: AT } }, AT),
        ),
      )
      await assert.rejects(store.transaction((tx) => ready(tx, done, 1)))
    })

    withStore('a task has at most one live run, and an ended run stays ended', async (store) => {
      const task = await store.transaction(async (tx) => {
        const made = inAnalysis(await open(tx))
        await tx.saveTask(made, AT)
        await ready(tx, made, 1)
        return made
      })
      await store.transaction(async (tx) =>
        assert.equal(
          await tx.updateRun(`${task.id}.1`, ['ready'], {
            state: 'admitted',
            job: '00000000-0000-4000-8000-000000000001',
          }),
          true,
        ),
      )
      await assert.rejects(
        store.transaction(async (tx) => {
          await ready(tx, task, 2)
          await tx.updateRun(`${task.id}.2`, ['ready'], {
            state: 'admitted',
            job: '00000000-0000-4000-8000-000000000002',
          })
        }),
      )
      await store.transaction((tx) => tx.updateRun(`${task.id}.1`, ['admitted'], { state: 'lost', endedAt: AT }))
      await store.transaction(async (tx) =>
        assert.equal(await tx.updateRun(`${task.id}.1`, ['admitted'], { state: 'done' }), false),
      )
      await assert.rejects(store.transaction((tx) => tx.updateRun(`${task.id}.1`, ['lost'], { state: 'done' })))
    })

    withStore('a repository has at most one window', async (store) => {
      const [one, two] = await store.transaction(async (tx) => [await open(tx, 1), await open(tx, 2)])
      const inWindow = (task: Task): Task => ({
        ...task,
        stage: 'deploy',
        window: { run: `${task.id}.1`, since: AT, head: 'a'.repeat(40), merge: null },
        phase: { is: 'running', run: `${task.id}.1`, since: AT },
      })
      await store.transaction((tx) => tx.saveTask(inWindow(one), AT))
      await assert.rejects(store.transaction((tx) => tx.saveTask(inWindow(two), AT)))
      assert.deepEqual(
        (await store.reads.windows()).map(({ task }) => task),
        ['ABC-1'],
      )
    })

    withStore('a message is kept once and applied by one', async (store) => {
      const message = { source: 'tracker:p', key: 'change-1', body: { a: 1 } }
      assert.equal(await store.transaction((tx) => tx.receive(message, AT)), 'new')
      assert.equal(await store.transaction((tx) => tx.receive(message, AT)), 'known')
      const [due] = await store.reads.dueMessages(AT, 10)
      assert.deepEqual(due?.body, { a: 1 })
      await store.transaction((tx) => tx.postponeMessage(due!.id, AT + 10))
      assert.deepEqual(await store.reads.dueMessages(AT, 10), [])
      assert.equal((await store.reads.dueMessages(AT + 10, 10))[0]?.tries, 1)
      await store.transaction((tx) => tx.settleMessage(due!.id, 'done', AT + 20))
      assert.equal(await store.transaction((tx) => tx.inboxMessage(due!.id)), null)
      assert.equal(await store.transaction((tx) => tx.answerOf('tracker:p', 'change-1')), 'done')
    })

    withStore('effects of a task go out in order, one at a time, and a key is kept once', async (store) => {
      const task = await store.transaction(async (tx) => {
        const made = await open(tx)
        const comment = (key: string) => ({ type: 'comment', key, voice: 'stream', text: key }) as const
        await tx.addEffects(made.id, [comment('a'), comment('b'), comment('a')], AT)
        return made
      })
      const claim = (now: number) =>
        store.transaction((tx) => tx.claimEffect({ by: HOST, now, until: now + 100, task: task.id }))
      const settle = (row: EffectRow | null, state: 'done' | 'pending', notBefore = AT) =>
        store.transaction((tx) => tx.settleEffect(row!, { state, sentence: null, notBefore, at: AT }))
      const status = await claim(AT)
      assert.equal(status?.effect.type, 'show-status')
      assert.equal(await claim(AT + 50), null, 'the head is being delivered')
      const taken = await claim(AT + 100)
      assert.equal(taken?.id, status?.id, 'an old claim may be taken over')
      assert.equal(await settle(status, 'done'), false, 'and who had it before settles nothing any more')
      assert.equal(await settle(taken, 'pending', AT + 500), true)
      assert.equal(await settle(taken, 'done'), false, 'what is settled is settled')
      assert.equal(await claim(AT + 499), null, 'the line waits for its head')
      const again = await claim(AT + 500)
      assert.equal(again?.tries, 2)
      await settle(again, 'done')
      const first = await claim(AT + 600)
      assert.equal(first?.effect.key, 'a')
      await store.transaction((tx) => tx.dropEffects(task.id, AT))
      await settle(first, 'done')
      assert.equal(await claim(AT + 700), null, 'what was not begun is dropped')
      assert.deepEqual(await store.reads.effectCounts(task.id), {
        pending: 0,
        started: 0,
        done: 2,
        failed: 0,
        skipped: 1,
      })
    })

    withStore('the claim of a dead holder is released, and only its own', async (store) => {
      const task = await store.transaction((tx) => open(tx))
      const claim = (now: number) =>
        store.transaction((tx) => tx.claimEffect({ by: HOST, now, until: now + 1_000, task: task.id }))
      const held = await claim(AT)
      assert.deepEqual(await store.reads.effectClaims(), [{ id: held!.id, by: HOST }])
      await store.transaction((tx) => tx.releaseEffect(held!.id, { ...HOST, pid: 8 }))
      assert.equal(await claim(AT + 1), null)
      await store.transaction((tx) => tx.releaseEffect(held!.id, HOST))
      assert.equal((await claim(AT + 1))?.id, held!.id)
    })

    withStore('a newer status makes an older one out of date', async (store) => {
      await store.transaction(async (tx) => {
        const task = await open(tx)
        const older = await tx.claimEffect({ by: HOST, now: AT, until: AT + 1, task: task.id })
        assert.equal(await tx.hasLaterStatus(older!), false)
        await tx.addEffects(task.id, [{ type: 'show-status', key: 'later', status: 'analysis' }], AT)
        assert.equal(await tx.hasLaterStatus(older!), true)
      })
    })

    withStore('the queue’s facts name the waiting, lanes, ready and live runs, windows and freezes', async (store) => {
      const task = await store.transaction(async (tx) => {
        const one = inAnalysis(await open(tx, 1))
        await tx.saveTask(one, AT)
        await ready(tx, one, 1)
        await open(tx, 2)
        await tx.freeze('alpha', 'Ann', 'a release is being prepared', AT)
        await tx.freeze('alpha', 'Bob', 'a second freeze changes nothing', AT)
        return one
      })
      const facts = await store.reads.queueFacts()
      assert.deepEqual(
        facts.waiting.map(({ number }) => number),
        [2],
      )
      assert.deepEqual(facts.lanes, [{ task: task.id, key: 'ABC-1', repo: 'alpha' }])
      assert.deepEqual(
        facts.ready.map((one) => [one.run, one.role, one.inWindow, one.notBefore]),
        [[`${task.id}.1`, 'analyst', false, AT]],
      )
      assert.deepEqual(facts.live, [])
      assert.deepEqual(facts.frozen, { alpha: 'a release is being prepared' })
      assert.deepEqual(facts.windows, {})
      await store.transaction((tx) =>
        tx.updateRun(`${task.id}.1`, ['ready'], { state: 'admitted', job: '00000000-0000-4000-8000-000000000003' }),
      )
      assert.deepEqual(
        (await store.reads.queueFacts()).live.map((one) => one.run),
        [`${task.id}.1`],
      )
    })

    withStore('deadlines and cursors are kept until they are cleared or moved', async (store) => {
      const task = await store.transaction(async (tx) => {
        const made = await open(tx)
        await tx.setDeadline({ task: made.id, name: 'ci', visit: 2, due: AT + 10 })
        await tx.setCursor('tracker:p', '7')
        await tx.setCursor('tracker:p', '8')
        return made
      })
      assert.equal(await store.transaction((tx) => tx.cursor('tracker:p')), '8')
      assert.deepEqual(await store.reads.dueDeadlines(AT), [])
      assert.deepEqual(await store.reads.dueDeadlines(AT + 10), [{ task: task.id, name: 'ci', visit: 2, due: AT + 10 }])
      await store.transaction((tx) => tx.clearDeadline({ task: task.id, name: 'ci', visit: 2, due: 0 }))
      assert.deepEqual(await store.reads.dueDeadlines(AT + 10), [])
    })

    withStore('the list of tasks is paged without losing or doubling one', async (store) => {
      await store.transaction(async (tx) => {
        for (let n = 1; n <= 7; n++) await open(tx, n)
      })
      const seen: string[] = []
      let before: { updatedAt: number; id: number } | undefined
      for (;;) {
        const page = await store.reads.tasks({ limit: 3, ...(before ? { before } : {}) })
        seen.push(...page.map(({ task }) => task.key))
        const last = page.at(-1)
        if (page.length < 3 || last === undefined) break
        before = { updatedAt: last.updatedAt, id: last.task.id }
      }
      assert.deepEqual(seen, ['ABC-7', 'ABC-6', 'ABC-5', 'ABC-4', 'ABC-3', 'ABC-2', 'ABC-1'])
    })

    withStore('two transactions that change one task come one after the other', async (store) => {
      const task = await store.transaction((tx) => open(tx))
      const bump = () =>
        store.transaction(async (tx) => {
          const now = await tx.task(task.id)
          await tx.saveTask({ ...now!, runs: now!.runs + 1 }, AT)
        })
      await Promise.all([bump(), bump(), bump(), bump()])
      assert.equal((await store.reads.taskRow(task.id))?.task.runs, 4)
    })

    withStore('the story is told in the order it happened', async (store) => {
      const task = await store.transaction(async (tx) => {
        const made = await open(tx)
        await tx.appendLog(made.id, { is: 'note', sentence: 'one' }, AT)
        await tx.appendLog(made.id, { is: 'note', sentence: 'two' }, AT)
        return made
      })
      const story = await store.reads.story(task.id, 2)
      assert.deepEqual(
        story.map(({ story: one }) => (one.is === 'note' ? one.sentence : one.is)),
        ['one', 'two'],
      )
      assert.equal(await store.reads.lastStoryId(), story.at(-1)?.id)
      assert.deepEqual((await store.reads.storySince(story[0]!.id, 10)).length, 1)
    })

    agentStories({ withStore, open, at: AT })
  })
}
