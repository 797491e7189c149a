import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { UserError } from '../../src/core/errors.ts'
import type { Tracker, TrackerChange, WorkItem } from '../../src/engine/ports/tracker.ts'

/** One project of a tracker, and what people do there. Each test gets one of its own. */
export interface TrackerWorld {
  readonly tracker: Tracker
  readonly project: string
  /** Another project of the same tracker. */
  readonly neighbour: string
  /** The login of a person who may do all of this. */
  readonly person: string
  commentAs(item: string, text: string): Promise<void>
  editAs(item: string, draft: { readonly title?: string; readonly description?: string }): Promise<void>
  remove(item: string): Promise<void>
}

const KEY = /^[A-Z][A-Z0-9]*-[0-9]+$/

const HOSTILE_TITLES = [
  '🚀 Ünïcödé ﷽ 日本語',
  '../../etc/passwd',
  '$(touch /tmp/owned) `id` ; rm -rf / | cat > x',
  '<img src=x onerror=alert(1)> &amp; "quotes" \'too\' %00 \\',
  "'; drop table items; --",
]

const HOSTILE_TEXT = `# Heading, **bold**, \`code\`, [link](javascript:alert(1))
<script>alert(1)</script> <b>not bold</b> &lt;kept&gt; &amp; <!-- kept too -->

- one
- two    with    spaces
:approved: @everyone {{ 7 * 7 }}`

/** Runs the whole of the port's promises against a tracker. `make` registers its own clean-up at the test. */
export const trackerContract = (name: string, make: (t: TestContext) => Promise<TrackerWorld>): void => {
  const story = (title: string, tell: (world: TrackerWorld, t: TestContext) => Promise<void>): void => {
    test(title, async (t) => tell(await make(t), t))
  }

  const createIn = (
    { tracker, project, person }: TrackerWorld,
    requestId: string,
    draft: { title?: string; description?: string; priority?: number } = {},
  ): Promise<WorkItem> =>
    tracker.create(project, { title: 'A title', description: '', priority: 0, by: person, requestId, ...draft })

  const readAgain = async ({ tracker, project }: TrackerWorld, item: string): Promise<WorkItem> => {
    const found = await tracker.read(project, item)
    assert.ok(found)
    return found
  }

  /** Everything since `cursor`, however many calls that takes. */
  const allSince = async (
    { tracker }: TrackerWorld,
    project: string,
    start: string | null,
  ): Promise<{ changes: TrackerChange[]; cursor: string | null }> => {
    const all: TrackerChange[] = []
    for (let cursor = start; ; ) {
      const page = await tracker.changes(project, cursor)
      all.push(...page.changes)
      if (page.changes.length === 0 || page.cursor === cursor) return { changes: all, cursor: page.cursor }
      cursor = page.cursor
    }
  }

  describe(`${name} keeps the tracker's promises`, () => {
    story('a new item has a key fit for branches, the draft as it was given, and no status of ours', async (world) => {
      const item = await createIn(world, 'r1', { title: 'Add a door', description: 'Blue.\n\nAnd light.', priority: 3 })
      assert.match(item.key, KEY)
      const { title, description, priority, status, statusBy } = item
      assert.deepEqual(
        { title, description, priority, status },
        {
          title: 'Add a door',
          description: 'Blue.\n\nAnd light.',
          priority: 3,
          status: null,
        },
      )
      assert.equal(statusBy.isBot, false)
      assert.deepEqual(await readAgain(world, item.id), item)
    })

    story('the same request makes one item, however often and however many at once', async (world) => {
      const items = await Promise.all(Array.from({ length: 8 }, () => createIn(world, 'same', { title: 'Once' })))
      const again = await createIn(world, 'same', { title: 'Another title' })
      assert.equal(new Set([...items, again].map(({ id }) => id)).size, 1)
      assert.equal(again.title, 'Once')
      const other = await createIn(world, 'other')
      assert.notEqual(other.id, again.id)
      assert.notEqual(other.key, again.key)
    })

    story('items created at once get a key each', async (world) => {
      const items = await Promise.all(Array.from({ length: 12 }, (_, n) => createIn(world, `request ${n}`)))
      assert.equal(new Set(items.map(({ key }) => key)).size, 12)
      assert.equal(new Set(items.map(({ id }) => id)).size, 12)
    })

    story('an item that never was, or was removed, reads as null; moving or telling it is refused', async (world) => {
      const { tracker, project, neighbour, person } = world
      const { id } = await createIn(world, 'r1')
      assert.equal(await tracker.read(neighbour, id), null, 'an item belongs to its project')
      await world.remove(id)
      for (const gone of [id, '00000000-0000-4000-8000-000000000000']) {
        assert.equal(await tracker.read(project, gone), null)
        await assert.rejects(tracker.moveAs(project, gone, 'to-analyse', person), UserError)
        await assert.rejects(tracker.show(project, gone, 'analysis'), UserError)
        await assert.rejects(tracker.ensureComment(project, gone, { key: 'k', voice: 'stream', text: 'x' }), UserError)
      }
    })

    story("a person's move shows, says who and since when, and is told once", async (world) => {
      const { tracker, project, person } = world
      const before = await createIn(world, 'r1')
      const { cursor } = await allSince(world, project, null)
      await tracker.moveAs(project, before.id, 'to-analyse', person)
      const after = await readAgain(world, before.id)
      assert.equal(after.status, 'to-analyse')
      assert.equal(after.statusBy.isBot, false)
      assert.ok(after.statusSince >= before.statusSince)
      const { changes } = await allSince(world, project, cursor)
      const moves = changes.filter((change) => change.is === 'moved' && change.to === 'to-analyse')
      assert.equal(new Set(moves.map(({ id }) => id)).size, 1)
      assert.deepEqual(moves.map((move) => move.is === 'moved' && { item: move.item, by: move.by, at: move.at })[0], {
        item: before.id,
        by: after.statusBy,
        at: after.statusSince,
      })
    })

    story("our own move shows as a bot's, and showing it again changes nothing", async (world) => {
      const { tracker, project } = world
      const { id } = await createIn(world, 'r1')
      await tracker.show(project, id, 'analysis')
      const shown = await readAgain(world, id)
      assert.equal(shown.status, 'analysis')
      assert.equal(shown.statusBy.isBot, true)
      const { cursor } = await allSince(world, project, null)
      await tracker.show(project, id, 'analysis')
      assert.deepEqual(await readAgain(world, id), shown)
      const { changes } = await allSince(world, project, cursor)
      assert.deepEqual(changes, [])
    })

    story('what a person and what Orch did is told apart in the changes too', async (world) => {
      const { tracker, project, person } = world
      const { id } = await createIn(world, 'r1')
      await tracker.moveAs(project, id, 'to-analyse', person)
      await tracker.show(project, id, 'analysis')
      await tracker.ensureComment(project, id, { key: 'start', voice: 'analyst', text: 'Analyst started' })
      await world.commentAs(id, ':approved:')
      const { changes } = await allSince(world, project, null)
      const told = changes.flatMap((change) => {
        if (change.is === 'commented') return [[change.comment.text, change.comment.by.isBot]]
        return change.is === 'moved' && change.to !== null ? [[change.to, change.by.isBot]] : []
      })
      assert.deepEqual(told, [
        ['to-analyse', false],
        ['analysis', true],
        ['Analyst started', true],
        [':approved:', false],
      ])
    })

    story("a person's edit is told, and read back", async (world) => {
      const { project } = world
      const { id } = await createIn(world, 'r1', { title: 'Old', description: 'Old text' })
      const { cursor } = await allSince(world, project, null)
      await world.editAs(id, { title: 'New', description: 'New text' })
      const { title, description } = await readAgain(world, id)
      assert.deepEqual([title, description], ['New', 'New text'])
      const { changes } = await allSince(world, project, cursor)
      const edits = changes.filter((change) => change.is === 'edited' && change.item === id)
      assert.ok(edits.length > 0)
      assert.ok(edits.every((change) => change.is === 'edited' && !change.by.isBot))
    })

    story(
      'the cursor goes on where it was, and an old one tells the same changes under the same names',
      async (world) => {
        const { tracker, project, person } = world
        const { id } = await createIn(world, 'r1')
        await tracker.moveAs(project, id, 'to-analyse', person)
        const first = await allSince(world, project, null)
        await tracker.moveAs(project, id, 'stop', person)
        const second = await allSince(world, project, first.cursor)
        assert.ok(second.changes.some((change) => change.is === 'moved' && change.to === 'stop'))
        const whole = await allSince(world, project, null)
        const names = (changes: readonly TrackerChange[]) => [...new Set(changes.map((change) => change.id))]
        assert.deepEqual(names(whole.changes), names([...first.changes, ...second.changes]))
        const times = whole.changes.map(({ at }) => at)
        assert.deepEqual(
          times,
          times.toSorted((a, b) => a - b),
          'oldest first',
        )
        const idle = await tracker.changes(project, second.cursor)
        assert.deepEqual((await allSince(world, project, idle.cursor)).changes, [])
      },
    )

    story("a project is not told of its neighbour's changes", async (world) => {
      const { tracker, project, neighbour, person } = world
      const { id } = await createIn({ ...world, project: neighbour }, 'r1')
      await tracker.moveAs(neighbour, id, 'to-analyse', person)
      assert.deepEqual((await allSince(world, project, null)).changes, [])
      assert.ok((await allSince(world, neighbour, null)).changes.some(({ item }) => item === id))
    })

    story('a reader who follows the cursor misses nothing of what many write at once', async (world) => {
      const { tracker, project, person } = world
      const items = await Promise.all(Array.from({ length: 4 }, (_, n) => createIn(world, `request ${n}`)))
      const seen = new Map<string, TrackerChange>()
      let writing = true
      const reading = (async () => {
        for (let cursor: string | null = null; ; ) {
          const last = !writing
          const page = await tracker.changes(project, cursor)
          for (const change of page.changes) seen.set(change.id, change)
          if (last && (page.changes.length === 0 || page.cursor === cursor)) return
          cursor = page.cursor
        }
      })()
      const writers = items.map(async ({ id }, n) => {
        for (let round = 0; round < 10; round += 1) {
          await Promise.all([
            tracker.ensureComment(project, id, { key: `round ${round}`, voice: 'tester', text: `${n}.${round}` }),
            round % 2 ? tracker.show(project, id, 'review') : tracker.moveAs(project, id, 'to-analyse', person),
          ])
        }
      })
      await Promise.all(writers)
      writing = false
      await reading
      const texts = [...seen.values()].flatMap((change) => (change.is === 'commented' ? [change.comment.text] : []))
      assert.deepEqual(
        texts.toSorted(),
        items.flatMap((_, n) => Array.from({ length: 10 }, (_, r) => `${n}.${r}`)).toSorted(),
      )
      const moves = [...seen.values()].filter((change) => change.is === 'moved' && change.to !== null)
      assert.equal(moves.length, items.length * 10)
    })

    story('a comment is posted once per key, also by ten at once', async (world) => {
      const { tracker, project } = world
      const { id } = await createIn(world, 'r1')
      const post = (key: string, text: string) => tracker.ensureComment(project, id, { key, voice: 'developer', text })
      const answers = await Promise.all(Array.from({ length: 10 }, () => post('done', 'Developer done')))
      assert.equal(answers.filter((answer) => answer === 'created').length, 1)
      assert.equal(await post('done', 'other words'), 'existed')
      assert.equal(await post('done again', 'Developer done'), 'created')
      const texts = (await tracker.comments(project, id)).map(({ text }) => text)
      assert.deepEqual(texts, ['Developer done', 'Developer done'])
    })

    story('the same key on another item is another comment', async (world) => {
      const { tracker, project } = world
      for (const request of ['r1', 'r2']) {
        const { id } = await createIn(world, request)
        const comment = { key: 'start', voice: 'stream', text: 'Started' } as const
        assert.equal(await tracker.ensureComment(project, id, comment), 'created')
        assert.equal((await tracker.comments(project, id)).length, 1)
      }
    })

    story('each voice signs with a name of its own, and all are bots', async (world) => {
      const { tracker, project } = world
      const { id } = await createIn(world, 'r1')
      for (const voice of ['analyst', 'deployer', 'stream'] as const) {
        await tracker.ensureComment(project, id, { key: voice, voice, text: `I am the ${voice}` })
      }
      await world.commentAs(id, 'And I am a person')
      const comments = await tracker.comments(project, id)
      assert.deepEqual(
        comments.map(({ text, by }) => [text, by.isBot]),
        [
          ['I am the analyst', true],
          ['I am the deployer', true],
          ['I am the stream', true],
          ['And I am a person', false],
        ],
      )
      assert.equal(new Set(comments.map(({ by }) => by.name)).size, 4)
      assert.equal(new Set(comments.map(({ by }) => by.id)).size, 4)
    })

    story('text of all kinds comes back as plain data, and a NUL harms nothing', async (world) => {
      const { tracker, project } = world
      const { id } = await createIn(world, 'r1')
      await tracker.ensureComment(project, id, { key: 'ours', voice: 'reviewer', text: HOSTILE_TEXT })
      await world.commentAs(id, HOSTILE_TEXT)
      await tracker.ensureComment(project, id, { key: 'nul', voice: 'reviewer', text: 'before\0\u0007\u001b[31mafter' })
      const [ours, theirs, nul] = (await tracker.comments(project, id)).map(({ text }) => text)
      assert.equal(ours, HOSTILE_TEXT)
      assert.equal(theirs, HOSTILE_TEXT)
      assert.match(nul ?? '', /^before[\s\S]*after$/)
      assert.ok(!nul?.includes('\0'))
    })

    story('titles and descriptions are data, however they look', async (world) => {
      for (const [n, title] of HOSTILE_TITLES.entries()) {
        const item = await createIn(world, `request ${n}`, { title, description: HOSTILE_TEXT })
        const { title: back, description, key } = await readAgain(world, item.id)
        assert.deepEqual([back, description], [title, HOSTILE_TEXT])
        assert.match(key, KEY)
      }
      const nul = await createIn(world, 'nul', { title: 'be\0fore', description: '\0' })
      assert.ok(!`${nul.title}${nul.description}`.includes('\0'))
    })
  })
}
