/** From inside a real sandbox: the model through the door, and nothing else. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import type { Door } from '../../../src/engine/ports/gateway.ts'
import type { ProcessSpec } from '../../../src/engine/ports/processes.ts'
import { livingWith } from '../process/support.ts'
import {
  anthropicAt,
  ask,
  createWorld,
  KEY,
  message,
  openDoor,
  proxyHeaders,
  startUpstream,
  stream,
  until,
  type World,
} from './support.ts'

const PATH = process.env.PATH ?? '/usr/bin:/bin'
const probe = await createWorld({})
const canSandbox = await createProcesses({ env: { PATH }, tmpDir: probe.dir }).canSandbox()
await probe[Symbol.asyncDispose]()
const options = canSandbox.can ? {} : { skip: canSandbox.why }

const USED = { input: 3, output: 41, cacheRead: 3000, cacheCreation: 500 }
const root = join(import.meta.dirname, '../../..')

/** Starts a command as an agent's program is: Orch's data and its own sources are hidden, the work folder is writable. */
const start = (world: World, door: Door, argv: readonly [string, ...string[]], more: Partial<ProcessSpec> = {}) => {
  const work = join(world.dir, 'work')
  mkdirSync(work, { recursive: true })
  return createProcesses({ env: { PATH }, tmpDir: world.dir }).start({
    argv: door.wrap(argv),
    cwd: work,
    env: { PATH, URL: door.url, TOKEN: door.token, PROXY: door.proxy ?? '' },
    sandbox: {
      is: 'on',
      writable: [work],
      hidden: [world.dir, root],
      readable: [...door.readable, dirname(process.execPath)],
    },
    timeoutMs: 20_000,
    graceMs: 1000,
    tailBytes: 64 * 1024,
    ...more,
  })
}
const run = (world: World, door: Door, script: string, more: Partial<ProcessSpec> = {}) =>
  start(world, door, [process.execPath, '--input-type=module', '-e', script], more).result

const POST = `await fetch(process.env.URL + '/v1/messages', { method: 'POST', body: '{}', headers: { 'x-api-key': process.env.TOKEN } })`

describe('a program in a sandbox', options, () => {
  it('reaches the model, and the key is nowhere about it', async () => {
    const pieces = message('claude-a', USED, ['hello from the model'])
    await using upstream = await startUpstream((_, response) => stream(response, pieces))
    await using world = await createWorld(anthropicAt(upstream.url))
    const door = openDoor(world, { sandbox: 'on' })
    const ended = await run(
      world,
      door,
      `import { readFileSync, readdirSync } from 'node:fs'
      process.stdout.write(await (${POST}).text())
      const all = readdirSync('/proc').filter((name) => /^\\d+$/.test(name))
      for (const pid of all) for (const file of ['environ', 'cmdline']) {
        try { if (readFileSync('/proc/' + pid + '/' + file, 'utf8').includes(${JSON.stringify(KEY.slice(0, 9))} + ${JSON.stringify(KEY.slice(9))})) console.log('KEY') } catch {}
      }
      if (all.length < 2) console.log('looked at nothing')`,
    )
    assert.deepEqual([ended.ended, ended.code, ended.tail], ['exited', 0, pieces.join('')])
    assert.deepEqual(door.ledger().byModel, { 'claude-a': USED })
    assert.equal(upstream.seen[0]?.headers['x-api-key'], KEY)
  })

  it('reaches nothing else: no port of this machine, no name, no other run, no data of ours', async () => {
    await using upstream = await startUpstream((_, response) => response.end('{}'))
    await using world = await createWorld(anthropicAt(upstream.url))
    const door = openDoor(world, { sandbox: 'on' })
    const other = openDoor(world, { sandbox: 'on', run: '8.1' })
    const unsandboxed = openDoor(world, { run: '9.1' })
    const places = [upstream.url, unsandboxed.url, 'http://example.org', 'http://1.1.1.1', 'http://[::1]:80']
    const ended = await run(
      world,
      door,
      `import { connect } from 'node:net'
      import { existsSync, readdirSync } from 'node:fs'
      for (const place of ${JSON.stringify(places)})
        await fetch(place).then(() => console.log('reached', place), () => {})
      await new Promise((done) => connect({ path: ${JSON.stringify(join(other.readable[0]!, 's'))} })
        .on('connect', () => { console.log('reached the other run'); done() }).on('error', done))
      for (const place of ${JSON.stringify([other.readable[0], join(root, 'package.json'), join(world.dir, 'gateway/x')])})
        if (existsSync(place)) console.log('sees', place)
      const elsewhere = await fetch(process.env.URL + '/v1/files', { headers: { 'x-api-key': process.env.TOKEN } })
      const nobody = await fetch(process.env.URL + '/v1/messages', { method: 'POST', body: '{}' })
      const theirs = await fetch(process.env.URL + '/v1/messages', { method: 'POST', body: '{}', headers: { 'x-api-key': ${JSON.stringify(other.token)} } })
      console.log(elsewhere.status, nobody.status, theirs.status)
      console.log('done')`,
    )
    assert.equal(ended.tail, '404 401 401\ndone\n')
    // From outside they are there.
    await fetch(unsandboxed.url)
    await fetch(upstream.url)
    assert.equal(upstream.seen.length, 1)
  })

  it('reaches a listed host through the proxy, and no other', async () => {
    await using site = await startUpstream((_, response) => response.end('a page'))
    await using world = await createWorld(anthropicAt('http://127.0.0.1:9'))
    const door = openDoor(world, { sandbox: 'on', egress: [`127.0.0.1:${site.port}`] })
    const ended = await run(
      world,
      door,
      `import { request } from 'node:http'
      const proxy = new URL(process.env.PROXY)
      const headers = ${JSON.stringify(proxyHeaders(door))}
      const through = (path) => new Promise((done) =>
        request({ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path, headers })
          .on('connect', (answer, socket) => done([answer.statusCode, socket])).end())
      const [closed] = await through('example.org:443')
      const [open, socket] = await through('127.0.0.1:${site.port}')
      console.log(closed, open)
      socket.write('GET / HTTP/1.0\\r\\n\\r\\n')
      let text = ''
      for await (const bytes of socket) text += bytes
      console.log(text.split('\\r\\n\\r\\n')[1])
      process.exit()`,
    )
    assert.equal(ended.tail, '403 200\na page\n')
  })

  it('has its input, output and exit code as without the door', async () => {
    await using world = await createWorld(anthropicAt('http://127.0.0.1:9'))
    const door = openDoor(world, { sandbox: 'on' })
    const script = 'cat; echo err >&2; echo "$@"; exit 7'
    const argv = ['sh', '-c', script, 'sh', 'a b', '--', '-x'] as const
    const ended = await start(world, door, argv, { stdin: 'some input\n' }).result
    assert.deepEqual([ended.code, ended.tail.split('\n').toSorted().join()], [7, ',a b -- -x,err,some input'])
    const killed = await start(world, door, ['sh', '-c', 'kill -9 $$']).result
    assert.deepEqual([killed.code, killed.tail], [137, ''])
    const missing = await start(world, door, ['/no/such/program']).result
    assert.equal(missing.code, 127)
    assert.match(missing.tail, /^The program \/no\/such\/program cannot be run \(ENOENT\)\.\n$/)
    const text = await start(world, door, [join(world.dir, 'work')]).result
    assert.deepEqual([text.code, /\(EACCES\)/.test(text.tail)], [126, true])
  })

  it('is asked to end first, and leaves nothing when its forwarder is killed', async () => {
    await using world = await createWorld(anthropicAt('http://127.0.0.1:9'))
    const door = openDoor(world, { sandbox: 'on' })
    const saw = Promise.withResolvers<void>()
    const onLine = (line: string) => void (line === 'here' && saw.resolve())
    const token = `of-${world.dir}`
    const asked = start(
      world,
      door,
      ['sh', '-c', 'trap "echo asked; exit 5" TERM; echo here; while :; do sleep 0.05; done', token],
      { onLine },
    )
    await saw.promise
    asked.stop('cancelled')
    const ended = await asked.result
    assert.deepEqual([ended.ended, ended.tail], ['stopped', 'here\nasked\n'])
    assert.equal(ended.code, 5)

    const again = Promise.withResolvers<void>()
    const running = start(
      world,
      door,
      ['sh', '-c', '(trap "" TERM; setsid sleep 999 & wait) & echo here; kill -9 $PPID; wait', token],
      { onLine: (line) => void (line === 'here' && again.resolve()) },
    )
    await again.promise
    assert.equal((await running.result).code, 137)
    assert.deepEqual(livingWith(token), [])
  })

  it('finds the door shut when the run is over, and its last answer is known then', async () => {
    const [piece = ''] = message('claude-a', USED)
    await using upstream = await startUpstream((_, response) =>
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(piece),
    )
    await using world = await createWorld(anthropicAt(upstream.url))
    const door = openDoor(world, { sandbox: 'on' })
    const began = Promise.withResolvers<void>()
    const running = start(
      world,
      door,
      [
        process.execPath,
        '--input-type=module',
        '-e',
        `const a = ${POST}; for await (const b of a.body) console.log('began')`,
      ],
      { onLine: (line) => void (line === 'began' && began.resolve()), graceMs: 0 },
    )
    await began.promise
    running.stop('budget')
    await running.result
    assert.deepEqual(door.ledger().byModel, { 'claude-a': { ...USED, output: 1 } })
    await until('the provider is rid of it', () => upstream.connections() === 0)
    const [folder = ''] = door.readable
    door.close()
    assert.equal(existsSync(folder), false)
    await assert.rejects(ask(door))
  })

  it('never starts where the port cannot be had', async () => {
    await using world = await createWorld(anthropicAt('http://127.0.0.1:9'))
    const door = openDoor(world, { sandbox: 'on' })
    const twice = door.wrap(door.wrap(['echo', 'started']))
    const ended = await start(world, { ...door, wrap: () => twice }, ['x']).result
    assert.equal(ended.code, 125)
    assert.match(ended.tail, /^The port \d+ of the sandbox cannot be had \(EADDRINUSE\)\.\n$/)
  })

  it('goes on while connections come and break', async () => {
    await using upstream = await startUpstream((_, response) => response.end('{}'))
    await using world = await createWorld(anthropicAt(upstream.url))
    const door = openDoor(world, { sandbox: 'on' })
    const ended = await run(
      world,
      door,
      `import { connect } from 'node:net'
      const port = Number(new URL(process.env.URL).port)
      const one = (act) => new Promise((done) => {
        const socket = connect(port, '127.0.0.1', () => act(socket)).on('error', () => {}).on('close', done).resume()
      })
      const acts = [
        (s) => s.destroy(), (s) => s.resetAndDestroy(), (s) => s.end(), (s) => s.end('nonsense\\r\\n\\r\\n'),
        (s) => { s.write('POST /v1/messages HTTP/1.1\\r\\n'); s.resetAndDestroy() },
        (s) => { s.write('POST /v1/messages HTTP/1.1\\r\\nHost: x\\r\\nX-Api-Key: ' + process.env.TOKEN + '\\r\\nContent-Length: 99\\r\\n\\r\\nx'); setTimeout(() => s.resetAndDestroy(), 20) },
      ]
      await Promise.all(Array.from({ length: 120 }, (_, at) => one(acts[at % acts.length])))
      console.log((${POST}).status)`,
    )
    assert.deepEqual([ended.code, ended.tail], [0, '200\n'])
    await until('nothing half is left at the provider', () => upstream.connections() <= 1)
  })
})
