import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { pipeline } from '#core/pipeline.ts'
import { defaultPolicy } from '#core/policy.ts'
import { apply } from '#engine/engine.ts'
import { openTask } from '#engine/intake.ts'
import { createLog } from '../../src/main/log.ts'
import { lineOf, logStories } from '../../src/main/parts/story-log.ts'
import { createMemoryStore } from '../sim/memory/memory-store.ts'
import { folderWith } from './config/support.ts'

describe('the log', () => {
  test('is one JSON line an event, for its owner alone', (t) => {
    const path = join(folderWith(t), 'orch.log')
    const log = createLog({ to: path, level: 'info' })
    log.info({ task: 'A-1', title: 'two\nlines' }, 'a task moved')
    log.debug({}, 'not told')
    const [line, ...rest] = readFileSync(path, 'utf8').trimEnd().split('\n')
    assert.deepEqual(rest, [])
    const { time, ...told } = JSON.parse(line ?? '')
    assert.deepEqual(told, { level: 'info', task: 'A-1', title: 'two\nlines', msg: 'a task moved' })
    assert.ok(Date.parse(time))
    assert.equal(statSync(path).mode & 0o777, 0o600)
  })

  test('that cannot be written, and a level that there is not, are a sentence each', (t) => {
    assert.throws(() => createLog({ to: null, level: 'loud' }), {
      name: 'UserError',
      message: /^ORCH_LOG_LEVEL cannot be "loud"; it is one of/,
    })
    assert.throws(() => createLog({ to: join(folderWith(t), 'none/orch.log'), level: 'info' }), {
      name: 'UserError',
      message: /^The log .* cannot be written \(ENOENT\)/,
    })
  })

  test('loses what the disk has no room for, and Orch goes on', { skip: process.platform !== 'linux' }, () => {
    const log = createLog({ to: '/dev/full', level: 'info' })
    for (let n = 0; n < 100; n += 1) log.info({ text: 'x'.repeat(100_000) }, 'much')
  })
})

describe('what becomes of tasks', () => {
  test('is logged in order, from the start on, by the key of the task', async () => {
    const listeners = new Set<() => void>()
    const ring = () => {
      for (const listener of listeners) listener()
    }
    const { store } = await createMemoryStore({ seed: 0, onCommit: ring, onBackstop() {} })
    const by = { id: 'ann', name: 'Ann', isBot: false }
    const open = (n: number) =>
      store.transaction((tx) =>
        openTask(
          { clock: { now: () => 1, sleep: async () => {} }, repoOf: () => 'shop' },
          tx,
          'p',
          {
            id: `${n}`,
            key: `ABC-${n}`,
            title: 'x',
            description: '',
            status: null,
            priority: 0,
            url: null,
            statusSince: 1,
            statusBy: by,
          },
          1,
          'Ann',
        ),
      )
    await open(1)
    const lines: unknown[] = []
    const write = (fields: object, message: string) => void lines.push([message, fields])
    const stop = await logStories(
      store.reads,
      (listener) => {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
      { debug: write, info: write, warn: write, error: write },
    )
    const { id } = await open(2)
    const rulesOf = () => ({ pipeline, policy: defaultPolicy })
    await store.transaction((tx) => apply(tx, id, { type: 'stop', at: 2, by: 'Ben' }, rulesOf))
    await stop()
    assert.deepEqual(lines, [
      ['a task was opened', { task: 'ABC-2', by: 'Ann' }],
      ['a person decided', { task: 'ABC-2', by: 'Ben', order: 'stop' }],
      ['a task moved', { task: 'ABC-2', from: 'queued', to: 'cancelled', why: 'stopped by Ben' }],
    ])
    assert.equal(listeners.size, 0)
  })

  test('is a warning where somebody has to look', () => {
    const held = { is: 'held', reason: 'attempts-spent', sentence: 'no', exits: [] } as const
    assert.equal(lineOf(held)?.level, 'warn')
    assert.equal(lineOf({ is: 'note', sentence: 'x' }), null)
  })
})
