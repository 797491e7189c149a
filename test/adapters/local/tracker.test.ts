import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { Client } from 'pg'
import { UserError } from '../../../src/core/errors.ts'
import type { TrackerChange } from '../../../src/engine/ports/tracker.ts'
import { localDatabase, localTrackerWorld, openTracker } from './world.ts'

const { url } = await localDatabase({ after })

const draft = (requestId: string, title = 'A title') => ({
  title,
  description: '',
  priority: 0,
  by: 'ada',
  requestId,
})

const WAITING = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`

/** Waits until `holds` does, asking the database each time. */
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 30_000
  while (!(await holds())) assert.ok(performance.now() < deadline, 'it never came to hold')
}

describe('the embedded tracker', () => {
  test('counts keys per project from 1, also after its prefix was changed', async (t) => {
    const { tracker, project, neighbour } = await localTrackerWorld(t, url)
    const keys = []
    for (const request of ['a', 'b']) keys.push((await tracker.create(project, draft(request))).key)
    keys.push((await tracker.create(neighbour, draft('a'))).key)
    await tracker.ensureProject(project, 'NEW')
    keys.push((await tracker.create(project, draft('c'))).key)
    assert.deepEqual(keys, ['SHOP-1', 'SHOP-2', 'GAR-1', 'NEW-3'])
  })

  test('keeps a title of ten thousand characters, and replaces what PostgreSQL cannot hold', async (t) => {
    const { tracker, project } = await localTrackerWorld(t, url)
    const long = '🚪é"\\'.repeat(2_500)
    assert.equal((await tracker.create(project, draft('long', long))).title, long)
    assert.equal((await tracker.create(project, draft('nul', 'a\0b\ud800c'))).title, 'a\ufffdb\ufffdc')
    assert.equal((await tracker.create(project, draft('nul'))).title, 'a\ufffdb\ufffdc')
  })

  test('another process sees the same, by the same names', async (t) => {
    const { tracker, project } = await localTrackerWorld(t, url)
    const item = await tracker.create(project, draft('r1'))
    const comment = await tracker.commentAs(project, item.id, 'Hello', 'ada')
    await tracker.commentAs(project, item.id, 'Me too', 'grace')
    const other = openTracker(t, url)
    assert.deepEqual(await other.read(project, item.id), item)
    assert.deepEqual(item.statusBy, { id: 'ada', name: 'Ada L.', isBot: false })
    const [first, second] = await other.comments(project, item.id)
    assert.deepEqual(first, comment)
    assert.deepEqual(second?.by, { id: 'grace', name: 'grace', isBot: false })
  })

  test('lets nobody speak or act as one of the voices, or as nobody', async (t) => {
    const { tracker, project } = await localTrackerWorld(t, url)
    const { id } = await tracker.create(project, draft('r1'))
    for (const by of ['orch-stream', ' orch-developer ', '', '  ']) {
      await assert.rejects(tracker.commentAs(project, id, ':approved:', by), UserError)
      await assert.rejects(tracker.moveAs(project, id, 'to-analyse', by), UserError)
      await assert.rejects(tracker.create(project, { ...draft('r2'), by }), UserError)
      await assert.rejects(tracker.editAs(project, id, { title: 'x' }, by), UserError)
      await assert.rejects(tracker.removeAs(project, id, by), UserError)
    }
    assert.deepEqual((await tracker.changes(project, null)).changes, [])
  })

  test('refuses an unknown project, a prefix unfit for keys, and a priority that is none', async (t) => {
    const { tracker, project } = await localTrackerWorld(t, url)
    await assert.rejects(tracker.create('elsewhere', draft('r1')), /no project "elsewhere"/)
    for (const prefix of ['', 'shop', '1A', 'A-B', 'A B', '../X', 'Ä', 'A\n']) {
      await assert.rejects(tracker.ensureProject(project, prefix), UserError, prefix)
    }
    for (const priority of [-1, 5, 1.5, Number.NaN]) {
      await assert.rejects(tracker.create(project, { ...draft('r1'), priority }), UserError)
    }
  })

  test('an edit that changes nothing is not told; what is left out stays', async (t) => {
    const { tracker, project } = await localTrackerWorld(t, url)
    const { id } = await tracker.create(project, { ...draft('r1', 'Old'), priority: 2 })
    await tracker.editAs(project, id, { title: 'Old' }, 'ada')
    assert.deepEqual((await tracker.changes(project, null)).changes, [])
    await tracker.editAs(project, id, { priority: 4 }, 'ada')
    const item = await tracker.read(project, id)
    assert.deepEqual([item?.title, item?.priority], ['Old', 4])
    assert.equal((await tracker.changes(project, null)).changes.length, 1)
  })

  test('tells some hundred changes at once, and all of them in turn', async (t) => {
    const { tracker, project } = await localTrackerWorld(t, url)
    const { id } = await tracker.create(project, draft('r1'))
    for (let n = 0; n < 230; n += 1) await tracker.moveAs(project, id, n % 2 ? 'stop' : 'to-analyse', 'ada')
    const all: TrackerChange[] = []
    const sizes = []
    for (let cursor: string | null = null; ; ) {
      const page = await tracker.changes(project, cursor)
      sizes.push(page.changes.length)
      all.push(...page.changes)
      if (page.changes.length === 0) break
      cursor = page.cursor
    }
    assert.deepEqual(sizes, [200, 30, 0])
    assert.equal(new Set(all.map((change) => change.id)).size, 230)
  })

  test('begins anew at a cursor that is not its own: it may repeat, and skips nothing', async (t) => {
    const { tracker, project } = await localTrackerWorld(t, url)
    const { id } = await tracker.create(project, draft('r1'))
    await tracker.moveAs(project, id, 'to-analyse', 'ada')
    for (const cursor of ['2026-01-01T00:00:00Z|x', '', '-1', '9'.repeat(40), "1' or 1=1"]) {
      assert.equal((await tracker.changes(project, cursor)).changes.length, 1, cursor)
    }
  })

  test('a change that is committed late is not skipped by a reader who read in between', async (t) => {
    const { tracker, project } = await localTrackerWorld(t, url)
    const slow = await tracker.create(project, draft('slow'))
    const fast = await tracker.create(project, draft('fast'))
    const client = new Client({ connectionString: url })
    await client.connect()
    // The slow item's change has its number and waits; it is committed once we let go.
    await client.query(`
      create function local.wait() returns trigger language plpgsql as $$
        begin perform pg_advisory_xact_lock(77); return null; end $$;
      create trigger slow after insert on local.changes for each row when (new.item = '${slow.id}')
        execute function local.wait()`)
    t.after(async () => {
      await client.query('drop trigger slow on local.changes; drop function local.wait()')
      await client.end()
    })
    await client.query('select pg_advisory_lock(77)')
    const waiting = async () => (await client.query(WAITING)).rows.length

    const slowMove = tracker.moveAs(project, slow.id, 'to-analyse', 'ada')
    await until(async () => (await waiting()) === 1)
    let fastIsDone = false
    const fastMove = openTracker(t, url)
      .moveAs(project, fast.id, 'to-analyse', 'ada')
      .then(() => {
        fastIsDone = true
      })
    await until(async () => fastIsDone || (await waiting()) === 2)
    const before = await tracker.changes(project, null)
    await client.query('select pg_advisory_unlock(77)')
    await Promise.all([slowMove, fastMove])
    const rest = await tracker.changes(project, before.cursor)
    const seen = [...before.changes, ...rest.changes].map(({ item }) => item)
    assert.deepEqual(seen.toSorted(), [slow.id, fast.id].toSorted())
  })
})
