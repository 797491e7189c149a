import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { paperOf } from '../../src/cli/paper.ts'
import { clockTime, cut, displayWidth, duration, json, plain, plainLine } from '../../src/cli/text.ts'
import { aTask, orch, startOrch } from './world.ts'

const written = (width: number, write: (paper: ReturnType<typeof paperOf>) => void, colour = false): string => {
  let text = ''
  const out = (more: string) => {
    text += more
  }
  write(paperOf({ out, err: out, width, colour, input: async () => '' }))
  return text
}

describe('a table', () => {
  const rows = [
    ['SHOP-1', '12m', 'A rather long title that will not fit'],
    ['SHOP-10', '3s', '日本語のタイトル'],
  ]
  const columns = [{ title: 'TASK' }, { title: 'SINCE', align: 'right' as const }, { title: 'TITLE', least: 6 }]

  test('is aligned, and as wide as it likes where there is no terminal', () => {
    assert.equal(
      written(Number.POSITIVE_INFINITY, (paper) => paper.table(columns, rows)),
      'TASK     SINCE  TITLE\nSHOP-1     12m  A rather long title that will not fit\nSHOP-10     3s  日本語のタイトル\n',
    )
  })

  test('fits the terminal: what may give way gives way, wide letters count twice', () => {
    const lines = written(30, (paper) => paper.table(columns, rows)).split('\n')
    assert.deepEqual(lines.slice(0, 3), [
      'TASK     SINCE  TITLE',
      'SHOP-1     12m  A rather long…',
      'SHOP-10     3s  日本語のタイ…',
    ])
    for (const line of lines) assert.ok(displayWidth(line) <= 30)
  })

  test('without rows is its sentence', () => {
    assert.equal(
      written(80, (paper) => paper.table(columns, [], 'Nothing.')),
      'Nothing.\n',
    )
  })

  test('of a whole task fits every terminal from 60 columns on', async (t) => {
    const world = await startOrch(t)
    world.tasks.set('SHOP-1', aTask({ title: 'Long '.repeat(30), why: 'because of this '.repeat(10) }))
    for (const width of [60, 80, 132]) {
      const { out } = await orch(world, ['task', 'list'], { width })
      for (const line of out.split('\n')) assert.ok(displayWidth(line) <= width, `${width}: ${line}`)
    }
  })
})

describe('colours', () => {
  test('are there where they are wanted, and nowhere else', async (t) => {
    const world = await startOrch(t)
    assert.ok((await orch(world, ['task', 'list'], { colour: true })).out.includes('\u001b[33mwaiting'))
    for (const words of [['task', 'list'], ['task', 'show', 'SHOP-1'], ['explain', 'SHOP-1'], ['queue']])
      assert.ok(!(await orch(world, words)).out.includes('\u001b'))
    assert.ok(!(await orch(world, ['task', 'list', '--json'], { colour: true })).out.includes('\u001b'))
  })
})

describe('text of other people', () => {
  const evil = 'x\u001b[2J\u001b]0;title\u0007\n\u202Egnp.\u009b31m\r'

  test('cannot steer the terminal, wherever it stands', async (t) => {
    const world = await startOrch(t)
    const task = aTask({ title: evil, why: evil })
    world.tasks.set('SHOP-1', {
      ...task,
      gates: task.gates.map((gate) => ({ ...gate, sentence: evil })),
      runs: task.runs.map((run) => ({ ...run, sentence: evil })),
      timeline: task.timeline.map((entry) => ({ ...entry, title: evil, text: evil })),
    })
    for (const words of [
      ['task', 'list'],
      ['task', 'show', 'SHOP-1'],
      ['explain', 'SHOP-1'],
      ['task', 'approve', 'SHOP-1'],
      ['task', 'show', 'SHOP-1', '--json'],
    ]) {
      const { out } = await orch(world, words)
      assert.doesNotMatch(out, /(?!\n)[\p{Cc}\u202A-\u202E\u2066-\u2069]/u, words.join(' '))
    }
    world.instead = (_, response) => {
      response.writeHead(409, { 'content-type': 'application/json' }).end(JSON.stringify({ error: evil }))
      return true
    }
    assert.doesNotMatch((await orch(world, ['queue'])).err, /(?!\n)[\p{Cc}\u202A-\u202E]/u)
  })

  test('is on one line, or keeps its blanks in a log', () => {
    assert.equal(plain('a\n\tb\u001b[1mc\u001b[0m'), 'a bc')
    assert.equal(plainLine('  a\tb\rc'), '  a    b·c')
    assert.deepEqual(JSON.parse(json({ evil })), { evil })
  })

  test('is as wide as it looks', () => {
    for (const [text, width] of [
      ['', 0],
      ['abc', 3],
      ['é', 1],
      ['e\u0301', 1],
      ['日本', 4],
      ['👍', 2],
      ['👨‍👩‍👧', 2],
      ['→…·', 3],
    ] as const)
      assert.equal(displayWidth(text), width, text)
    assert.equal(cut('日本語', 4), '日…')
    assert.equal(cut('abc', 3), 'abc')
    assert.equal(cut('abcd', 3), 'ab…')
  })
})

test('times are short', () => {
  assert.deepEqual([0, 59_999, 60_000, 3_600_000, 90_000_000, -5].map(duration), ['0s', '59s', '1m', '1h', '1d', '0s'])
  assert.match(clockTime(0), /^19(69|70)-\d\d-\d\d \d\d:\d\d:00$/)
})
