import assert from 'node:assert/strict'
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { runCli } from '../../src/cli/run.ts'
import { shellOf } from '../../src/cli/shell.ts'
import { UserError } from '../../src/core/errors.ts'
import { orch, startOrch, TOKEN } from './world.ts'

const NOT_RUNNING = 'Orch is not running here; start it with `orch up`.\n'

describe('finding the server', () => {
  test('that runs here is found by what it wrote into its data folder', async (t) => {
    const world = await startOrch(t)
    assert.equal((await orch(world, ['queue'])).code, 0)
    assert.equal((await orch(world, ['task', 'stop', 'SHOP-1'])).code, 0)
  })

  test('that is not running is one sentence: no file, a broken one, a process that is gone, a port that is closed', async (t) => {
    const world = await startOrch(t)
    const file = join(world.dataDir, 'server.json')
    assert.deepEqual(await orch(world, ['queue'], { isAlive: () => false }), { code: 1, out: '', err: NOT_RUNNING })
    assert.equal(world.seen.length, 0)
    for (const text of ['', 'null', '{"url":5}', '{"url":"http://x"}', '{"url":"ftp://x","pid":1}']) {
      writeFileSync(file, text)
      assert.equal((await orch(world, ['queue'])).err, NOT_RUNNING, text)
    }
    rmSync(file)
    assert.equal((await orch(world, ['queue'])).err, NOT_RUNNING)
    const free = createServer()
    await new Promise<void>((done) => free.listen(0, '127.0.0.1', done))
    const address = free.address()
    await new Promise((done) => free.close(done))
    assert.ok(typeof address === 'object' && address)
    const url = `http://127.0.0.1:${address.port}`
    writeFileSync(file, JSON.stringify({ url, pid: process.pid }))
    assert.equal((await orch(world, ['queue'])).err, NOT_RUNNING)
    assert.match((await orch(world, ['queue', '--server', url])).err, /^Nothing answers at http:[^\n]*`orch up`\.\n$/)
  })

  test('where there is no configuration at all is another sentence', async () => {
    const { code, err } = await orch(null, ['queue'])
    assert.equal(code, 1)
    assert.match(err, /^Orch is not running here: there is no orch\.config\.yaml .*`orch init`.*--server\.\n$/)
  })

  test('that the person names needs no configuration; ORCH_SERVER counts where it is not empty', async (t) => {
    const world = await startOrch(t)
    const nowhere = { dataDir: null }
    assert.equal((await orch(world, ['queue', '--server', `${world.url}/`], nowhere)).code, 0)
    assert.equal((await orch(world, ['queue'], { ...nowhere, env: { ORCH_SERVER: world.url } })).code, 0)
    assert.equal((await orch(world, ['queue'], { env: { ORCH_SERVER: '' } })).code, 0)
  })

  test('by a name that nobody has is told as that', async (t) => {
    const { err } = await orch(await startOrch(t), ['queue', '--server', 'http://nobody.invalid'])
    assert.match(err, /^(There is no machine by the name in|Orch at) http:\/\/nobody\.invalid/)
  })

  test('a configuration that cannot be read matters only where it is needed', async (t) => {
    const world = await startOrch(t)
    const locate = () => {
      throw new UserError('orch.config.yaml may not be read.')
    }
    const written: string[] = []
    const shell = shellOf(process)
    const run = (...words: string[]) =>
      runCli(words, {
        version: '1',
        locate,
        local: {} as never,
        shell: { ...shell, env: {}, terminal: { ...shell.terminal, out: () => {}, err: (text) => written.push(text) } },
      })
    assert.equal(await run('queue', '--server', world.url), 0)
    assert.equal(await run('queue'), 1)
    assert.equal(await run('queue', '--server', world.url, '--config', 'x'), 1)
    assert.deepEqual(new Set(written), new Set(['orch.config.yaml may not be read.\n']))
  })
})

describe('the token', () => {
  test('of the data folder is shown to that server and to no other', async (t) => {
    const [world, other] = [await startOrch(t), await startOrch(t)]
    assert.equal((await orch(world, ['task', 'stop', 'SHOP-1', '--server', world.url])).code, 0)
    const { code, err } = await orch(world, ['task', 'stop', 'SHOP-1', '--server', other.url])
    assert.equal(code, 1)
    assert.match(err, /^Writing to http:\S+ needs its token; set ORCH_TOKEN/)
    await orch(world, ['queue', '--server', other.url])
    assert.ok(other.seen.every(({ authorization }) => authorization === undefined))
    const env = { ORCH_TOKEN: TOKEN }
    assert.equal((await orch(world, ['task', 'stop', 'SHOP-1', '--server', other.url], { env })).code, 0)
  })

  test('that others can read is not used for writing, and reading goes without', async (t) => {
    const world = await startOrch(t)
    chmodSync(join(world.dataDir, 'token'), 0o640)
    const { code, err } = await orch(world, ['task', 'stop', 'SHOP-1'])
    assert.equal(code, 1)
    assert.match(err, /^Other users can read the token in .*token, so it is no secret any more; [^\n]*\.\n$/)
    assert.equal((await orch(world, ['queue'])).code, 0)
    assert.ok(world.seen.every(({ authorization }) => authorization === undefined))
  })

  test('that is missing or wrong is one sentence with what to do', async (t) => {
    const world = await startOrch(t)
    const wrong = await orch(world, ['task', 'stop', 'SHOP-1'], { env: { ORCH_TOKEN: 'wrong' } })
    assert.match(wrong.err, /does not accept this token; unset ORCH_TOKEN/)
    rmSync(join(world.dataDir, 'token'))
    assert.match((await orch(world, ['task', 'stop', 'SHOP-1'])).err, /^The token .* cannot be read by this user/)
  })
})

describe('an answer', () => {
  test('of something that is not Orch is told as that', async (t) => {
    const world = await startOrch(t)
    const answers: [number, Record<string, string>, string][] = [
      [200, { 'content-type': 'text/html' }, '<h1>hello</h1>'],
      [302, { location: 'http://127.0.0.1:1/' }, ''],
      [500, { 'content-type': 'application/json' }, '{broken'],
      [200, { 'content-type': 'application/json' }, '"text"'],
    ]
    for (const [status, headers, text] of answers) {
      world.instead = (_, response) => {
        response.writeHead(status, headers).end(text)
        return true
      }
      for (const words of [['queue'], ['logs', '7.1', '-f']]) {
        const { code, err } = await orch(world, words)
        assert.equal(code, 1)
        assert.match(
          err,
          /^What answers at http:\S+ is not Orch \(HTTP \d+\); name the right address with --server\.\n$/,
        )
      }
    }
  })

  test('that breaks off is one sentence', async (t) => {
    const world = await startOrch(t)
    world.instead = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
      response.write('{', () => response.destroy())
      return true
    }
    assert.match(
      (await orch(world, ['queue'])).err,
      /^Orch at http:\S+ broke off its answer \([^\n]*\); try again\.\n$/,
    )
    world.instead = (_, response) => {
      response.destroy()
      return true
    }
    assert.match((await orch(world, ['queue'])).err, /^Orch at http:\S+ could not be reached \(\S+\); check/)
  })
})
