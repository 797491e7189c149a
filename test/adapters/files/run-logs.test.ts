import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createRunLogs, type RunLogsOptions } from '../../../src/adapters/files/run-logs.ts'
import { privateKey, TOKENS } from '../../core/support/tokens.ts'

const world = (options: RunLogsOptions = {}) => {
  const dir = mkdtempSync(join(tmpdir(), 'orch-logs-'))
  const warnings: string[] = []
  const log = {
    debug() {},
    info() {},
    warn: (_: object, message: string) => void warnings.push(message),
    error() {},
  }
  return {
    dir,
    warnings,
    logs: createRunLogs(join(dir, 'runs'), log, options),
    path: (name: string) => join(dir, 'runs', name),
    text: (name: string) => readFileSync(join(dir, 'runs', name), 'utf8'),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  }
}

describe('the log of a run', () => {
  it('has no secret on the disk: neither ours, nor what tells by its format, in what is told and in the raw stream', async () => {
    using w = world({ secrets: () => ['hunter2hunter2'] })
    const log = w.logs.open('7.1')
    log.append('password hunter2hunter2!')
    log.append(`two\nlines ${TOKENS[0]?.[1]}`)
    for (const line of privateKey().split('\n')) log.append(line)
    log.raw(JSON.stringify({ text: `hunter2hunter2\n${privateKey()}` }))
    await log.close()
    const [told, raw] = [w.text('7/7.1.log'), w.text('7/7.1.raw')]
    assert.doesNotMatch(told + raw, /hunter2|MIIE|Z5NQ2RWT/)
    assert.match(
      told,
      /^password \[redacted: a secret of this installation\]!\ntwo\nlines \[redacted: an AWS access key\]\n/,
    )
    assert.match(raw, /^\{"text":"\[redacted: a secret of this installation\]\\n\[redacted: a private key\]"\}\n$/)
    assert.equal(statSync(w.path('7/7.1.log')).mode & 0o777, 0o600)
  })

  it('knows the secrets of the time when its run began', async () => {
    const secrets = ['first-secret']
    using w = world({ secrets: () => secrets })
    secrets.push('second-secret')
    const log = w.logs.open('7.1')
    log.append('second-secret')
    await log.close()
    assert.doesNotMatch(w.text('7/7.1.log'), /second-secret/)
  })

  it('is bounded in bytes, says so once, and goes on counting after a restart', async () => {
    using w = world({ limitBytes: 100 })
    const log = w.logs.open('7.1')
    for (let i = 0; i < 100; i++) log.append('ü'.repeat(20))
    await log.close()
    assert.equal(w.text('7/7.1.log'), `${`${'ü'.repeat(20)}\n`.repeat(2)}[the log is full; what follows is not kept]\n`)
    const again = w.logs.open('7.1')
    again.append('more')
    await again.close()
    assert.equal(w.text('7/7.1.log').length, 42 + 44)
  })

  it('is followed line by line from any offset it gave, and shows each line as soon as it is whole', async () => {
    using w = world()
    assert.equal(await w.logs.read('7.1', 0, 'told'), null)
    const log = w.logs.open('7.1')
    log.append('one')
    log.append('zwei ü')
    await log.close()
    const first = await w.logs.read('7.1', 0, 'told')
    assert.deepEqual(first, { text: 'one\nzwei ü\n', next: 12 })
    const more = w.logs.open('7.1')
    more.append('three')
    await more.close()
    assert.deepEqual(await w.logs.read('7.1', 12, 'told'), { text: 'three\n', next: 18 })
    assert.deepEqual(await w.logs.read('7.1', 18, 'told'), { text: '', next: 18 })
    assert.equal(await w.logs.read('../7.1', 0, 'told'), null)
    assert.throws(() => w.logs.open('../../x'), /is no run id/)
  })

  it('that cannot be written costs a warning and nothing else', async () => {
    using w = world()
    writeFileSync(w.path(''), 'a file where the folder should be')
    const log = w.logs.open('7.1')
    log.append('x')
    log.raw('x')
    await log.close()
    assert.deepEqual(w.warnings, ['the log of a run could not be written'])
  })
})

describe('pruning', () => {
  const DAY = 24 * 60 * 60 * 1000
  const NOW = 1_000 * DAY
  /** A log of a run with so many bytes that ended so many days ago. */
  const old = (w: ReturnType<typeof world>, name: string, bytes: number, days: number) => {
    mkdirSync(w.path(name.slice(0, name.indexOf('.'))), { recursive: true })
    const path = w.path(`${name.slice(0, name.indexOf('.'))}/${name}`)
    writeFileSync(path, 'x'.repeat(bytes))
    utimesSync(path, (NOW - days * DAY) / 1000, (NOW - days * DAY) / 1000)
  }

  it('removes what is too old, as a whole, and empty folders with it', async () => {
    using w = world({ keep: { days: 10, bytes: 1e6 } })
    old(w, '1.1.log', 10, 20)
    old(w, '1.1.raw', 30, 20)
    old(w, '2.1.log', 10, 20)
    old(w, '2.1.raw', 10, 9)
    old(w, '2.2.log', 10, 11)
    old(w, '3.1.log', 10, 9)
    old(w, '3.1.raw', 10, 20)
    old(w, '2.3.log', 10, 10)
    assert.deepEqual(await w.logs.prune(NOW), { runs: 2, bytes: 50 })
    assert.equal(existsSync(w.path('1')), false)
    assert.equal(existsSync(w.path('3/3.1.raw')), true)
    assert.deepEqual(
      ['2/2.1.log', '2/2.1.raw', '2/2.2.log', '2/2.3.log'].map((name) => existsSync(w.path(name))),
      [true, true, false, true],
    )
    assert.deepEqual(await w.logs.prune(NOW), { runs: 0, bytes: 0 })
  })

  it('removes the oldest while there is too much in all', async () => {
    using w = world({ keep: { days: 10, bytes: 100 } })
    old(w, '1.1.log', 50, 3)
    old(w, '1.2.log', 50, 1)
    old(w, '1.3.log', 50, 2)
    assert.deepEqual(await w.logs.prune(NOW), { runs: 1, bytes: 50 })
    assert.deepEqual(
      [1, 2, 3].map((n) => existsSync(w.path(`1/1.${n}.log`))),
      [false, true, true],
    )
  })

  it('never takes a live run’s log, neither of this process nor of another', async () => {
    using w = world({ keep: { days: 10, bytes: 10 } })
    const mine = w.logs.open('1.1')
    mine.append('x'.repeat(50))
    for (const run of ['2.1', '3.1']) old(w, `${run}.log`, 50, 99)
    await w.logs.prune(NOW * 2, (run) => run === '2.1')
    assert.deepEqual(
      ['1/1.1.log', '2/2.1.log', '3/3.1.log'].map((name) => existsSync(w.path(name))),
      [true, true, false],
    )
    await mine.close()
    await w.logs.prune(NOW * 2)
    assert.equal(existsSync(w.path('1/1.1.log')), false)
    assert.equal(await w.logs.read('1.1', 51, 'told'), null)
  })

  it('leaves alone what is no log, and does nothing where there is no folder', async () => {
    using w = world({ keep: { days: 0, bytes: 0 } })
    assert.deepEqual(await w.logs.prune(NOW), { runs: 0, bytes: 0 })
    mkdirSync(w.path('notes/deep'), { recursive: true })
    for (const name of ['notes/1.1.log', 'README', 'notes/deep/x.log']) writeFileSync(w.path(name), 'x')
    old(w, '1.1.txt', 10, 99)
    await w.logs.prune(NOW)
    for (const name of ['notes/1.1.log', 'README', 'notes/deep/x.log', '1/1.1.txt'])
      assert.ok(existsSync(w.path(name)), name)
  })

  it('of what cannot be removed is told, and goes on', async () => {
    using w = world({ keep: { days: 1, bytes: 1e6 } })
    mkdirSync(w.path('1/1.1.log/inside'), { recursive: true })
    utimesSync(w.path('1/1.1.log'), 1, 1)
    old(w, '2.1.log', 10, 99)
    assert.deepEqual(await w.logs.prune(NOW), { runs: 1, bytes: 10 })
    assert.deepEqual(w.warnings, ['the log of a run could not be removed'])
  })
})
