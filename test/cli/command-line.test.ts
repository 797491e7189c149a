import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TransientError, UserError } from '../../src/core/errors.ts'
import { orch, startOrch } from './world.ts'

describe('a wrong command line', () => {
  const cases: readonly [string[], RegExp][] = [
    [['tsk'], /^unknown command 'tsk' \(Did you mean task\?\); see `orch --help`\.\n$/],
    [['task', 'lst'], /^unknown command 'lst' \(Did you mean list\?\); see `orch task --help`\.\n$/],
    [['task', 'list', '--jsn'], /^unknown option '--jsn' \(Did you mean --json\?\); see `orch task list --help`\.\n$/],
    [['task', 'show'], /^missing required argument 'key'; see `orch task show --help`\.\n$/],
    [['task', 'show', 'A-1', 'B-2'], /^too many arguments for 'show'.*; see/],
    [['task', 'create'], /^required option '--title <text>' not specified; see/],
    [['task', 'create', '--title', 'x', '--priority', 'high'], /^option '--priority <n>' .* from 0 to 4; see/],
    [['task', 'create', '--title', 'x', '--description', 'a', '--description-file', '-'], /cannot be used with option/],
    [['task', 'list', '--state', 'old'], /Allowed choices are open, all; see/],
    [['task', 'rework', 'A-1', 'x', '--to', 'nowhere'], /Allowed choices are analysis, /],
    [['task', 'rework', 'A-1', ' '], /^the why is empty; see `orch task rework --help`\.\n$/],
    [
      ['queue', '--server', 'localhost:4777'],
      /^"localhost:4777" is not the address of a server.*; see `orch queue --help`/,
    ],
    [['queue', '--server', 'http://ada:pw@host'], /is not the address of a server/],
  ]
  for (const [words, expected] of cases)
    test(`orch ${words.join(' ')} is one sentence with where help is, and exit 64`, async (t) => {
      const { code, err, out } = await orch(await startOrch(t), words)
      assert.equal(code, 64)
      assert.match(err, expected)
      assert.equal(out, '')
    })

  test('without a command help is shown as an error; asked for, it is none', async () => {
    for (const words of [[], ['task'], ['config']]) {
      const { code, out, err } = await orch(null, words)
      assert.deepEqual([code, out], [64, ''])
      assert.match(err, /^Usage: orch/)
    }
    for (const words of [['--help'], ['help', 'task'], ['task', 'list', '--help']]) {
      const { code, out, err } = await orch(null, words)
      assert.deepEqual([code, err], [0, ''])
      assert.match(out, /^Usage: orch/)
    }
    assert.deepEqual(await orch(null, ['--version']), { code: 0, out: '1.2.3\n', err: '' })
  })
})

describe('commands that are not there yet', () => {
  for (const words of [
    ['worker'],
    ['freeze', 'shop', '--reason', 'audit'],
    ['unfreeze', 'shop'],
    ['export', 'SHOP-1'],
    ['staging-check'],
    ['task', 'restore', 'SHOP-1'],
  ])
    test(`orch ${words.join(' ')} says so with exit 69 and asks nobody`, async (t) => {
      const world = await startOrch(t)
      const { code, err, out } = await orch(world, words)
      assert.deepEqual([code, out], [69, ''])
      assert.match(err, /^`orch [a-z -]+` is not there yet; nothing was done\.\n$/)
      assert.equal(world.seen.length, 0)
    })
})

describe('local commands', () => {
  test('are handed their options, and their exit code is the program’s', async () => {
    const said = async (...words: string[]) => {
      const { code, out } = await orch(null, words)
      return `${code} ${out.trim()}`
    }
    assert.equal(await said('up', '--config', 'x.yaml'), '0 up {"config":"x.yaml"}')
    assert.equal(
      await said('demo', '--port', '0'),
      '0 demo {"keep":false,"waitForApproval":false,"json":false,"port":0}',
    )
    assert.equal(await said('init', '--force'), '0 init {"force":true}')
    assert.equal(await said('doctor'), '2 doctor {"json":false}')
    assert.equal(await said('config', 'check', '--json'), '0 configCheck {"json":true}')
    assert.equal(await said('config', 'schema'), '0 configSchema {}')
    assert.equal(await said('migrate'), '0 migrate {}')
  })

  const failing = (thrown: unknown, env: Record<string, string> = {}) =>
    orch(null, ['up'], { env, local: { up: () => Promise.reject(thrown) } })

  test('an error for people is its sentence, line by line and harmless', async () => {
    const { code, err, out } = await failing(new UserError('x.yaml is bad.\nx.yaml:1: \u001b[31mred\u001b[0m'))
    assert.deepEqual([code, out, err], [1, '', 'x.yaml is bad.\nx.yaml:1: red\n'])
    assert.equal((await failing(new TransientError('The database restarts.'))).err, 'The database restarts.\n')
  })

  test('a bug is one sentence too; its stack is shown only with ORCH_DEBUG=1', async () => {
    const { code, err } = await failing(new TypeError('x is not a function'))
    assert.equal(code, 1)
    assert.equal(err, 'Orch has a bug here: x is not a function. Please report it with what ORCH_DEBUG=1 shows.\n')
    assert.match((await failing(new TypeError('x'), { ORCH_DEBUG: '1' })).err, /\n {4}at /)
    assert.match((await failing(new UserError('x'), { ORCH_DEBUG: '1' })).err, /\n {4}at /)
    assert.doesNotMatch((await failing(new UserError('x'), { ORCH_DEBUG: '' })).err, /\n {4}at /)
  })
})
