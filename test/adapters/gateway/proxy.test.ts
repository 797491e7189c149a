import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { anthropicAt, ask, bare, createWorld, openDoor, proxyHeaders, startUpstream, tunnel, until } from './support.ts'

interface Echo extends AsyncDisposable {
  readonly port: number
  readonly sockets: ReadonlySet<Socket>
  onConnection(heard: () => void): void
}
/** Sends back what it gets, and says goodbye when the other side has ended. */
const startEcho = async (host = '127.0.0.1'): Promise<Echo> => {
  const sockets = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (bytes) => socket.write(bytes))
    socket.on('end', () => socket.end('goodbye'))
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    onConnection: (heard) => void server.on('connection', heard),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
const providers = anthropicAt('http://127.0.0.1:9')

for (const sandbox of ['off', 'on'] as const)
  describe(`the way to other hosts, sandbox ${sandbox}`, () => {
    it('lets a listed host through, both ways, to the end of each', async () => {
      await using echo = await startEcho()
      await using world = await createWorld(providers)
      const door = openDoor(world, { sandbox, egress: [`127.0.0.1:${echo.port}`] })
      const { status, socket } = await tunnel(door, `127.0.0.1:${echo.port}`)
      assert.equal(status, 200)
      const big = Buffer.alloc(3_000_000, 'x')
      socket.end(big)
      assert.equal((await buffer(socket)).toString(), `${big}goodbye`)
      await until('nothing is left', () => echo.sockets.size === 0)
    })

    it('passes on what was sent along with the wish', async () => {
      await using echo = await startEcho()
      await using world = await createWorld(providers)
      const door = openDoor(world, { sandbox, egress: [`127.0.0.1:${echo.port}`] })
      const socket = bare(door)
      const place = `127.0.0.1:${echo.port}`
      const { 'proxy-authorization': value } = proxyHeaders(door)
      socket.end(`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\nProxy-Authorization: ${value}\r\n\r\nearly`)
      assert.match((await buffer(socket)).toString(), /^HTTP\/1\.1 200 [^\r]*\r\n\r\nearlygoodbye$/)
    })

    it('lets in only who shows the token', async () => {
      await using echo = await startEcho()
      await using world = await createWorld(providers)
      const place = `127.0.0.1:${echo.port}`
      const door = openDoor(world, { sandbox, egress: [place] })
      const { socket } = await tunnel(door, place, { 'proxy-authorization': `Bearer ${door.token}` })
      socket.destroy()
      const basic = (text: string) => ({ 'proxy-authorization': `Basic ${Buffer.from(text).toString('base64')}` })
      const wrong = [{}, basic(`${door.token}:`), basic('orch:wrong'), basic(door.token), { 'x-api-key': door.token }]
      for (const headers of wrong as Record<string, string>[])
        assert.equal((await tunnel(door, place, headers)).status, 407)
      await until('nothing is left', () => echo.sockets.size === 0)
    })

    it('ends what is through when the run is refused or over', async () => {
      await using echo = await startEcho()
      await using world = await createWorld(providers)
      const place = `127.0.0.1:${echo.port}`
      // Another run keeps the way in open.
      openDoor(world, { sandbox, run: '8.1' })
      for (const end of ['refuse', 'close'] as const) {
        const door = openDoor(world, { sandbox, egress: [place] })
        const { socket } = await tunnel(door, place)
        socket.on('error', () => {})
        const closed = once(socket.resume(), 'close')
        door[end]('No more.')
        await closed
        if (end === 'refuse') assert.equal((await tunnel(door, place)).text, 'No more.\n')
      }
      await until('nothing is left', () => echo.sockets.size === 0)
    })
  })

describe('the way to other hosts', () => {
  it('is closed for what is not on the list, with a sentence', async () => {
    await using echo = await startEcho()
    await using world = await createWorld(providers)
    const open = `127.0.0.1:${echo.port}`
    const door = openDoor(world, { egress: ['example.org', '*.example.net', open, 'localhost'] })
    const closed = [
      ...['example.com:443', 'example.org:22', 'example.org:80', 'sub.example.org:443', 'example.net:443'],
      ...['127.0.0.1:443', `127.0.0.2:${echo.port}`, `[::1]:${echo.port}`, '10.0.0.1:443', '169.254.169.254:443'],
      ...[`user@127.0.0.1:${echo.port}`, 'no place at all', '/', 'example.org:99999'],
    ]
    for (const place of closed) {
      const { status, text } = await tunnel(door, place).catch(() => ({ status: 400, text: '' }))
      assert.ok(status === 403 || (status === 400 && place.includes(' ')), place)
      if (status === 403) assert.match(text, /is not on the list of hosts that this run may reach\.\n$/, place)
    }
    assert.ok(world.logged.some((line) => line.includes('example.com:443')))
    assert.equal(echo.sockets.size, 0)
  })

  it('is closed for a run without a list', async () => {
    await using echo = await startEcho()
    await using world = await createWorld(providers)
    assert.equal((await tunnel(openDoor(world), `127.0.0.1:${echo.port}`)).status, 403)
  })

  it('leads a name to no address of this machine that the list does not name, whatever the name answers next', async () => {
    await using echo = await startEcho()
    let asked = 0
    const resolve = async () => {
      asked += 1
      return [{ address: asked === 1 ? '10.255.255.1' : '127.0.0.1', family: 4 }]
    }
    await using world = await createWorld(providers, { resolve })
    const place = `trap.example:${echo.port}`
    const refused = await tunnel(openDoor(world, { egress: [place] }), place)
    assert.deepEqual([refused.status, asked], [403, 1])
    assert.match(refused.text, /is an address of this machine or its network/)
    assert.equal((await tunnel(openDoor(world, { egress: [place] }), place)).status, 403)
    assert.equal(echo.sockets.size, 0)
    // Named, it is let through; and connected to is what was looked at, since this name means nothing to the system.
    const { status, socket } = await tunnel(openDoor(world, { egress: [place, '127.0.0.1'] }), place)
    assert.deepEqual([status, asked], [200, 3])
    socket.destroy()
  })

  it('begins nothing for a run that hung up while the name was asked for', async () => {
    await using echo = await startEcho()
    const answer = Promise.withResolvers<readonly { address: string; family: number }[]>()
    let asked = 0
    const resolve = () => {
      asked += 1
      return answer.promise
    }
    await using world = await createWorld(providers, { resolve })
    const egress = [`slow.example:${echo.port}`, '127.0.0.1']
    const door = openDoor(world, { egress })
    const other = openDoor(world, { run: '8.1', egress })
    const place = `slow.example:${echo.port}`
    const tunnelled = tunnel(door, place)
    const fetched = ask(door, { method: 'GET', path: `http://${place}/`, headers: proxyHeaders(door) })
    await until('both are asked for', () => asked === 2)
    const connections: unknown[] = []
    echo.onConnection(() => connections.push(1))
    door.close()
    await Promise.all([
      assert.rejects(tunnelled),
      fetched.then(
        () => assert.fail(),
        () => {},
      ),
    ])
    const through = tunnel(other, place)
    answer.resolve([{ address: '127.0.0.1', family: 4 }])
    const { socket } = await through
    assert.equal(connections.length, 1)
    socket.destroy()
  })

  it('knows this machine by its own name', async () => {
    await using echo = await startEcho()
    await using world = await createWorld(providers)
    const { status, text } = await tunnel(
      openDoor(world, { egress: [`localhost:${echo.port}`] }),
      `localhost:${echo.port}`,
    )
    assert.deepEqual([status, /must be on the list itself/.test(text)], [403, true])
  })

  it('tells what it could not reach', async () => {
    await using world = await createWorld(providers, { connectTimeoutMs: 300 })
    const gone = await startEcho()
    await gone[Symbol.asyncDispose]()
    const door = openDoor(world, { egress: [`127.0.0.1:${gone.port}`, 'nowhere.invalid'] })
    const refused = await tunnel(door, `127.0.0.1:${gone.port}`)
    assert.deepEqual([refused.status, /could not be reached \(ECONNREFUSED\)/.test(refused.text)], [502, true])
    const unknown = await tunnel(door, 'nowhere.invalid:443')
    assert.deepEqual([unknown.status, /was not found \((ENOTFOUND|EAI_AGAIN)\)/.test(unknown.text)], [502, true])
  })

  it('hangs up on a run whose other side breaks off', async () => {
    await using echo = await startEcho()
    await using world = await createWorld(providers)
    const place = `127.0.0.1:${echo.port}`
    const { socket } = await tunnel(openDoor(world, { egress: [place] }), place)
    socket.on('error', () => {})
    await until('it is through', () => echo.sockets.size === 1)
    for (const other of echo.sockets) other.resetAndDestroy()
    await once(socket.resume(), 'close')
  })
})

describe('fetching without TLS', () => {
  const plain = (door: ReturnType<typeof openDoor>, path: string, method = 'GET', headers = {}) =>
    ask(door, { method, path, headers: { 'x-api-key': 'own', ...proxyHeaders(door), ...headers } })

  it('fetches from a listed host as the program says, without the token', async () => {
    await using upstream = await startUpstream((_, response) => response.writeHead(200, { etag: 'x' }).end('page'))
    await using world = await createWorld(providers)
    const door = openDoor(world, { egress: [`127.0.0.1:${upstream.port}`] })
    const reply = await plain(door, `http://127.0.0.1:${upstream.port}/a?b=c`, 'GET', { accept: 'x/y' })
    assert.deepEqual([reply.status, reply.text, reply.headers.etag], [200, 'page', 'x'])
    const root = await plain(door, `http://127.0.0.1:${upstream.port}?q`, 'HEAD')
    assert.deepEqual([root.status, root.text], [200, ''])
    const [seen, second] = upstream.seen
    assert.deepEqual([seen?.url, seen?.headers.accept, seen?.headers['x-api-key']], ['/a?b=c', 'x/y', 'own'])
    assert.deepEqual([second?.method, second?.url], ['HEAD', '/?q'])
    assert.doesNotMatch(seen!.rawHeaders.join(), /proxy-auth/i)
    assert.equal(seen?.headers.host, `127.0.0.1:${upstream.port}`)
  })

  it('does nothing else', async () => {
    await using upstream = await startUpstream((_, response) => response.end('page'))
    await using world = await createWorld(providers)
    const open = `127.0.0.1:${upstream.port}`
    const door = openDoor(world, { egress: [open, 'example.org:8080'] })
    assert.equal((await plain(door, `http://${open}/`, 'POST')).status, 403)
    for (const url of [`http://127.0.0.2:${upstream.port}/`, 'http://example.org/', `http://a@${open}/`, 'http:///x'])
      assert.equal((await plain(door, url)).status, 403, url)
    const named = openDoor(world, { run: '7.2', egress: [`localhost:${upstream.port}`] })
    assert.equal((await plain(named, `http://localhost:${upstream.port}/`)).status, 403)
    const headers = { 'x-api-key': door.token, 'proxy-authorization': '' }
    assert.equal((await plain(door, `http://${open}/`, 'GET', headers)).status, 407)
    door.refuse('No more.')
    assert.equal((await plain(door, `http://${open}/`)).status, 403)
    assert.equal(upstream.seen.length, 0)
  })
})
