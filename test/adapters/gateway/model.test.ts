import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chownSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import type { Ledger } from '../../../src/engine/ports/gateway.ts'
import {
  anthropicAt,
  ask,
  bare,
  begin,
  createWorld,
  KEY,
  message,
  openDoor,
  placeOfDoor,
  proxyHeaders,
  socketOf,
  startUpstream,
  stream,
  until,
} from './support.ts'

const USED = { input: 3, output: 41, cacheRead: 3000, cacheCreation: 500 }
const errorOf = (text: string): { type: string; message: string } => JSON.parse(text).error

for (const sandbox of ['off', 'on'] as const)
  describe(`the way to the model, sandbox ${sandbox}`, () => {
    it('puts in the key, takes out the token, and leaves the rest as it is', async () => {
      await using upstream = await startUpstream((_, response) =>
        response.writeHead(200, { 'request-id': 'r1', 'set-cookie': 'account=7' }).end('{"a":1}'),
      )
      await using world = await createWorld(anthropicAt(`${upstream.url}/pre/fix/`))
      const door = openDoor(world, { sandbox })
      const headers = { authorization: `Bearer ${door.token}`, 'x-odd': `a${door.token}`, 'anthropic-version': '2023' }
      const reply = await ask(door, { path: '/v1/messages?beta=true', body: '{"é":"✓"}', headers })
      assert.deepEqual([reply.status, reply.text], [200, '{"a":1}'])
      assert.equal(reply.headers['request-id'], 'r1')
      assert.equal(reply.headers['set-cookie'], undefined)
      const [seen] = upstream.seen
      assert.equal(seen?.url, '/pre/fix/v1/messages?beta=true')
      assert.equal(seen?.body.toString(), '{"é":"✓"}')
      assert.equal(seen?.headers['x-api-key'], KEY)
      assert.equal(seen?.headers.host, `127.0.0.1:${upstream.port}`)
      assert.equal(seen?.headers['anthropic-version'], '2023')
      assert.equal(seen?.headers['accept-encoding'], 'identity')
      assert.doesNotMatch(JSON.stringify(seen?.rawHeaders), new RegExp(`${door.token}|authorization`, 'i'))
    })

    it('lets in only who shows the token of a run under way', async () => {
      await using upstream = await startUpstream((_, response) => response.end('{}'))
      await using world = await createWorld(anthropicAt(upstream.url))
      const door = openDoor(world, { sandbox })
      const other = openDoor(world, { sandbox, run: '8.1' })
      const none = { 'x-api-key': '' }
      assert.equal((await ask(door)).status, 200)
      assert.equal((await ask(door, { headers: { ...none, authorization: `bearer ${door.token}` } })).status, 200)
      const wrong = [none, { 'x-api-key': KEY }, { 'x-api-key': `${door.token}x` }, { 'x-api-key': 'orch-' }]
      for (const headers of [...wrong, { ...none, authorization: door.token }]) {
        const reply = await ask(door, { headers })
        assert.deepEqual([reply.status, errorOf(reply.text).type], [401, 'authentication_error'])
      }
      const byOther = await ask(door, { headers: { 'x-api-key': other.token } })
      // On loopback both come in at the same door.
      assert.equal(byOther.status, sandbox === 'on' ? 401 : 200)
      other.close()
      assert.equal((await ask(door, { headers: { 'x-api-key': other.token } })).status, 401)
      const place = placeOfDoor(door)
      door.close()
      await assert.rejects(ask({ ...door, readable: 'socketPath' in place ? [dirname(place.socketPath)] : [] }))
      assert.equal(upstream.seen.length, sandbox === 'on' ? 2 : 3)
    })

    it('counts streams and bodies, by the model that answered', async () => {
      await using upstream = await startUpstream((_, response, body) => {
        const { model, stream: isStreamed } = JSON.parse(body.toString())
        if (isStreamed) return stream(response, message(model, USED))
        const usage = { input_tokens: 10, output_tokens: 1 }
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ type: 'message', model, usage }))
      })
      await using world = await createWorld(anthropicAt(upstream.url))
      const heard: Ledger[] = []
      const door = openDoor(world, { sandbox, onUsage: (ledger) => heard.push(ledger) })
      for (const body of [
        { model: 'claude-a', stream: true },
        { model: 'claude-a', stream: false },
        { model: 'claude-b', stream: true },
      ])
        await ask(door, { body: JSON.stringify(body) })
      assert.deepEqual(door.ledger(), {
        requests: 3,
        byModel: { 'claude-a': { input: 13, output: 42, cacheRead: 3000, cacheCreation: 500 }, 'claude-b': USED },
        lastStatus: 200,
        retryAfterMs: null,
        trouble: null,
      })
      assert.deepEqual(heard.at(-1), door.ledger())
      assert.deepEqual(
        heard.map(({ requests, byModel }) => [requests, byModel['claude-a']?.output]),
        [
          [1, 41],
          [2, 42],
          [3, 42],
        ],
      )
    })

    it('passes each piece on when it comes, and counts what was said before the end', async () => {
      const pieces = message('claude-a', USED, ['one', 'two'])
      const [some, more] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      await using upstream = await startUpstream(async (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
        await some.promise
        response.write(pieces[0])
        await more.promise
        response.end(pieces.slice(1).join(''))
      })
      await using world = await createWorld(anthropicAt(upstream.url))
      const door = openDoor(world, { sandbox })
      const answer = await begin(door)
      assert.equal(door.ledger().lastStatus, 200)
      some.resolve()
      const [first] = (await once(answer, 'data')) as [Buffer]
      assert.equal(first.toString(), pieces[0])
      assert.deepEqual(door.ledger().byModel['claude-a'], { ...USED, output: 1 })
      more.resolve()
      assert.equal((await buffer(answer)).toString(), pieces.slice(1).join(''))
      assert.deepEqual(door.ledger().byModel['claude-a'], USED)
    })

    it('refuses with the sentence from then on, also what is under way, and says not to try again', async () => {
      const [start = ''] = message('claude-a', USED)
      await using upstream = await startUpstream((incoming, response) => {
        if (incoming.headers['x-wait'] === 'silent') return
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(start)
      })
      await using world = await createWorld(anthropicAt(upstream.url))
      const heard: Ledger[] = []
      const door = openDoor(world, {
        sandbox,
        onUsage: (ledger) => {
          heard.push(ledger)
          door.refuse('Said while it is being refused.')
        },
      })
      const silent = ask(door, { headers: { 'x-wait': 'silent' } })
      const streaming = await begin(door)
      await once(streaming, 'data')
      await until('both are there', () => upstream.seen.length === 2)
      door.refuse('The budget of this run is used up.')
      await assert.rejects(buffer(streaming))
      for (const reply of [await silent, await ask(door)]) {
        assert.deepEqual([reply.status, reply.headers['x-should-retry']], [400, 'false'])
        assert.deepEqual(errorOf(reply.text), {
          type: 'invalid_request_error',
          message: 'The budget of this run is used up.',
          code: null,
          param: null,
        })
      }
      await until('the provider is rid of them', () => upstream.connections() === 0)
      assert.equal(upstream.seen.length, 2)
      assert.equal(heard.length, 2)
      assert.deepEqual(door.ledger(), {
        requests: 2,
        byModel: { 'claude-a': { ...USED, output: 1 } },
        lastStatus: 200,
        retryAfterMs: null,
        trouble: 'The budget of this run is used up.',
      })
    })

    it('stops the provider when the run hangs up, and keeps what it had said', async () => {
      const [start = ''] = message('claude-a', USED)
      await using upstream = await startUpstream((_, response) =>
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(start),
      )
      await using world = await createWorld(anthropicAt(upstream.url))
      const door = openDoor(world, { sandbox })
      const answer = await begin(door)
      answer.on('error', () => {})
      await once(answer, 'data')
      answer.destroy()
      await until('the provider is rid of it', () => upstream.connections() === 0)
      assert.deepEqual(door.ledger().byModel, { 'claude-a': { ...USED, output: 1 } })
      assert.equal(door.ledger().trouble, null)
    })

    it('serves hundreds at once, each its own answer, and leaves no connection', async () => {
      await using upstream = await startUpstream((_, response, body) =>
        stream(response, message('claude-a', { ...USED, output: Number(body) }, [body.toString()])),
      )
      await using world = await createWorld(anthropicAt(upstream.url))
      const door = openDoor(world, { sandbox })
      const numbers = Array.from({ length: 400 }, (_, at) => at + 1)
      const replies = await Promise.all(numbers.map((number) => ask(door, { body: String(number) })))
      for (const [at, { text }] of replies.entries())
        assert.equal(text, message('claude-a', { ...USED, output: at + 1 }, [String(at + 1)]).join(''))
      assert.equal(door.ledger().requests, 400)
      assert.equal(door.ledger().byModel['claude-a']?.output, (400 * 401) / 2)
      await world.gateway.close()
      await until('nothing is connected', () => upstream.connections() === 0)
    })
  })

describe('the way to the model', () => {
  it('leads to the model and nowhere else', async () => {
    await using upstream = await startUpstream((_, response) => response.end('{}'))
    const openai = { upstream: `${upstream.url}/v1`, key: KEY, style: 'openai' } as const
    await using world = await createWorld({ ...anthropicAt(upstream.url), openai })
    const claude = openDoor(world)
    const codex = openDoor(world, { provider: 'openai' })
    const passing = [
      ...['POST /v1/messages', 'POST /v1/messages?beta=true', 'POST /v1/messages/count_tokens?beta=true'],
      ...['GET /v1/models', 'GET /v1/models?limit=5', 'GET /v1/models/claude-a.b-20250101'],
    ]
    const closed = [
      ...['GET /v1/messages', 'POST /v1/messages/', 'POST /v1/messages/batches', 'POST /v1/files', 'GET /v1/files'],
      ...[
        'POST /v1/models',
        'DELETE /v1/models/a',
        'GET /v1/models/..',
        'GET /v1/models/../files',
        'GET /v1/models/a/b',
      ],
      ...['GET /', 'HEAD /', 'POST //v1/messages', 'POST /v1/messages/../files', 'POST /v1/messages%2f..%2ffiles'],
      ...['POST /v1/organizations/api_keys', 'POST /v1/messages;x', 'GET /v1/models/a%2f..%2f..', 'POST /v1/responses'],
    ]
    const go = (door: typeof claude, line: string) => {
      const [method = '', path = ''] = line.split(' ')
      return ask(door, { method, path })
    }
    for (const line of passing) assert.equal((await go(claude, line)).status, 200, line)
    for (const line of closed) assert.equal((await go(claude, line)).status, 404, line)
    assert.equal((await go(codex, 'POST /v1/responses')).status, 200)
    assert.equal((await go(codex, 'GET /v1/models')).status, 200)
    for (const line of ['POST /v1/messages', 'GET /v1/responses', 'POST /v1/files', 'POST /v1/messages/count_tokens'])
      assert.equal((await go(codex, line)).status, 404, line)
    assert.deepEqual(
      upstream.seen.map(({ method, url }) => `${method} ${url}`),
      [...passing, 'POST /v1/responses', 'GET /v1/models'],
    )
    assert.equal(upstream.seen.at(-1)?.headers.authorization, `Bearer ${KEY}`)
    assert.equal(upstream.seen.at(-1)?.headers['x-api-key'], undefined)
    // What costs nothing is not in the book.
    assert.equal(claude.ledger().requests, 2)
    assert.equal(codex.ledger().requests, 1)
  })

  it('lets no request ride in the body of another', async () => {
    await using upstream = await startUpstream((_, response) => response.end('{}'))
    await using world = await createWorld(anthropicAt(upstream.url))
    const door = openDoor(world, { egress: [`127.0.0.1:${upstream.port}`] })
    const hidden = 'POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'
    const framings = [{ 'transfer-encoding': 'chunked' }, { 'content-length': hidden.length }]
    for (const framing of framings) {
      const model = { method: 'GET', path: '/v1/models', body: hidden, headers: framing }
      assert.equal((await ask(door, model)).status, 404)
      const path = `${upstream.url}/page`
      const plain = { method: 'GET', path, body: hidden, headers: { ...framing, ...proxyHeaders(door) } }
      assert.equal((await ask(door, plain)).status, 403)
    }
    const unframed = { 'content-length': hidden.length, connection: 'content-length' }
    assert.equal((await ask(door, { body: hidden, headers: unframed })).status, 200)
    assert.deepEqual(
      upstream.seen.map(({ url, body }) => [url, body.toString()]),
      [['/v1/messages', hidden]],
    )
  })

  it('keeps status and time to wait of the last answer, and passes both on', async () => {
    const answers = [
      [429, { 'retry-after': '90' }],
      [529, {}],
      [401, {}],
      [429, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }],
      [200, { 'anthropic-ratelimit-unified-reset': '9999999999' }],
    ] as const
    await using upstream = await startUpstream((_, response) => {
      const [status, headers] = answers[upstream.seen.length - 1]!
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{"type":"error"}')
    })
    await using world = await createWorld(anthropicAt(upstream.url))
    const door = openDoor(world)
    const kept: (number | null)[] = []
    for (const [status, headers] of answers) {
      const reply = await ask(door)
      assert.equal(reply.status, status)
      assert.equal(reply.headers['retry-after'], (headers as { 'retry-after'?: string })['retry-after'])
      assert.equal(door.ledger().lastStatus, status)
      kept.push(door.ledger().retryAfterMs)
    }
    const [seconds, none, unauthorized, date, fine] = kept
    assert.deepEqual([seconds, none, unauthorized, fine], [90_000, null, null, null])
    assert.ok(date !== null && date !== undefined && Math.abs(date - 3_600_000) < 5000)
    assert.deepEqual(door.ledger().byModel, {})
  })

  it('says what kept a request from the provider, without a word of the key, until one gets through', async () => {
    const closed = createServer()
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
    const { port } = closed.address() as AddressInfo
    await new Promise((resolve) => closed.close(resolve))
    let settled = 0
    const providers = anthropicAt(`http://127.0.0.1:${port}`)
    await using world = await createWorld(providers)
    const door = openDoor(world, { onUsage: () => void settled++ })
    const reply = await ask(door)
    const sentence = `The request did not reach the provider anthropic at 127.0.0.1:${port} (ECONNREFUSED).`
    assert.deepEqual([reply.status, reply.headers['x-should-retry']], [502, undefined])
    assert.equal(errorOf(reply.text).message, sentence)
    assert.deepEqual(door.ledger(), {
      requests: 1,
      byModel: {},
      lastStatus: null,
      retryAfterMs: null,
      trouble: sentence,
    })
    assert.equal(settled, 1)
    assert.ok(world.logged.length > 0)
    assert.doesNotMatch(world.logged.join(), new RegExp(`${KEY}|${door.token}`))
    await using upstream = await startUpstream((_, response) => response.end())
    providers.anthropic = { ...providers.anthropic!, upstream: `http://localhost.invalid` }
    const unknown = openDoor(world, { run: '7.2' })
    await ask(unknown)
    assert.match(unknown.ledger().trouble ?? '', /localhost\.invalid \((ENOTFOUND|EAI_AGAIN)\)/)
    providers.anthropic = { ...providers.anthropic, upstream: upstream.url }
    const again = openDoor(world, { run: '7.3' })
    assert.equal((await ask(again)).status, 200)
    assert.equal(again.ledger().trouble, null)
  })

  it('cuts off where the provider does, says so, keeps what it had said, and forgets the trouble after', async () => {
    const pieces = message('claude-a', USED)
    await using upstream = await startUpstream((_, response) => {
      if (upstream.seen.length > 1) return stream(response, pieces)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(pieces[0], () => response.destroy())
    })
    await using world = await createWorld(anthropicAt(upstream.url))
    const door = openDoor(world)
    await assert.rejects(ask(door), { code: 'ECONNRESET' })
    assert.match(
      door.ledger().trouble ?? '',
      /^The answer of the provider anthropic at \S+ was cut off \(ECONNRESET\)\.$/,
    )
    assert.deepEqual(door.ledger().byModel['claude-a'], { ...USED, output: 1 })
    assert.equal((await ask(door)).status, 200)
    assert.equal(door.ledger().trouble, null)
  })

  it('holds nothing: a slow reader slows the provider', async () => {
    let sent = 0
    function* pieces() {
      const piece = `data: ${'x'.repeat(65_536)}\n\n`
      for (; sent < 64 * 1024 * 1024; sent += piece.length) yield piece
    }
    await using upstream = await startUpstream((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      pipeline(Readable.from(pieces()), response, () => {})
    })
    await using world = await createWorld(anthropicAt(upstream.url))
    const door = openDoor(world)
    const answer = await begin(door)
    answer.pause()
    let before = -1
    let since = performance.now()
    await until('the provider stands still', () => {
      if (before !== sent) since = performance.now()
      before = sent
      return sent > 0 && performance.now() - since > 200
    })
    // Buffers of sockets hold some; memory of ours would hold all of it.
    assert.ok(sent < 16 * 1024 * 1024, `${sent} bytes were sent`)
    answer.on('error', () => {})
    answer.destroy()
  })

  it('bounds what a run may say, told or not', async () => {
    await using upstream = await startUpstream((_, response) => response.end('{}'))
    await using world = await createWorld(anthropicAt(upstream.url))
    const door = openDoor(world)
    const limit = 64 * 1024 * 1024
    const told = await ask(door, { body: Buffer.alloc(limit + 1, ' ') })
    assert.deepEqual([told.status, told.headers['x-should-retry']], [413, 'false'])
    assert.equal(door.ledger().requests, 0)
    const untold = await ask(door, {
      body: Buffer.alloc(limit + 70_000, ' '),
      headers: { 'transfer-encoding': 'chunked' },
    })
    assert.deepEqual([untold.status, errorOf(untold.text).type], [413, 'request_too_large'])
    assert.match(door.ledger().trouble ?? '', /67108864 bytes/)
    assert.equal(upstream.seen.length, 0)
    assert.equal((await ask(door, { body: Buffer.alloc(limit, ' ') })).status, 200)
    assert.equal(upstream.seen[0]?.body.length, limit)
  })

  it('lets a connection serve again after an answer that came before the whole request', async () => {
    const early = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () =>
        socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}'),
      )
    })
    await new Promise<void>((resolve) => early.listen(0, '127.0.0.1', resolve))
    try {
      await using world = await createWorld(anthropicAt(`http://127.0.0.1:${(early.address() as AddressInfo).port}`))
      const door = openDoor(world)
      const socket = bare(door)
      const head = (length: number) =>
        `POST /v1/messages HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${door.token}\r\nContent-Length: ${length}\r\n\r\n`
      let got = ''
      socket.on('data', (bytes) => {
        got += bytes
      })
      const body = 'x'.repeat(3_000_000)
      socket.write(head(body.length) + body.slice(0, 1_000_000))
      await until('the answer is there', () => got.includes('401'))
      socket.write(`${body.slice(1_000_000)}${head(2)}{}`)
      await until('the next one is there', () => got.split('401').length === 3)
      socket.destroy()
    } finally {
      early.close()
    }
  })

  it('gives a connection a time, and an answer any', async () => {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    try {
      await using upstream = await startUpstream((_, response) => {
        setTimeout(() => response.end('{}'), 700)
      })
      const providers = anthropicAt(`https://127.0.0.1:${(silent.address() as AddressInfo).port}`)
      await using world = await createWorld(providers, { connectTimeoutMs: 300 })
      const door = openDoor(world)
      assert.equal((await ask(door)).status, 502)
      assert.match(door.ledger().trouble ?? '', /ETIMEDOUT/)
      providers.anthropic = { ...providers.anthropic!, upstream: upstream.url }
      assert.equal((await ask(openDoor(world))).status, 200)
      // Once more, by the connection that is there already.
      assert.equal((await ask(openDoor(world))).status, 200)
    } finally {
      silent.close()
    }
  })

  it('bounds the connections of a run, at no cost to another', async () => {
    await using upstream = await startUpstream((_, response) => response.end('{}'))
    await using world = await createWorld(anthropicAt(upstream.url))
    const door = openDoor(world, { sandbox: 'on' })
    const other = openDoor(world, { sandbox: 'on', run: '8.1' })
    let closed = 0
    const sockets = Array.from({ length: 600 }, () =>
      bare(door)
        .resume()
        .on('error', () => {}),
    )
    for (const socket of sockets) socket.on('close', () => void closed++)
    await until('the rest is turned away', () => closed === 600 - 512)
    await assert.rejects(ask(door))
    assert.equal((await ask(other)).status, 200)
    for (const socket of sockets) socket.destroy()
    await until('they are gone', () => closed === 600)
    assert.equal((await ask(door)).status, 200)
  })

  it('goes on where the listener of usage fails', async () => {
    await using upstream = await startUpstream((_, response) => stream(response, message('claude-a', USED)))
    await using world = await createWorld(anthropicAt(upstream.url))
    const door = openDoor(world, {
      onUsage: () => {
        throw new Error('no')
      },
    })
    assert.equal((await ask(door)).status, 200)
    assert.equal((await ask(door)).status, 200)
    assert.equal(world.logged.filter((line) => line.includes('listens to the usage')).length, 2)
  })
})

describe('opening a door', () => {
  it('needs a provider with a usable key and address, and says which without the key', async () => {
    const sentences: Record<string, string> = { none: 'There is no key', line: 'holds characters', odd: 'The address' }
    const good = { upstream: 'http://127.0.0.1:9', key: KEY, style: 'anthropic' } as const
    await using world = await createWorld({
      none: { ...good, key: '' },
      line: { ...good, key: `${KEY}\n` },
      user: { ...good, upstream: `https://me:${KEY}@example.org` },
      file: { ...good, upstream: 'file:///etc' },
      odd: { ...good, upstream: KEY },
    })
    for (const provider of ['none', 'line', 'user', 'file', 'odd', 'absent', 'toString'])
      assert.throws(
        () => openDoor(world, { provider }),
        (error: Error) =>
          error.name === 'UserError' &&
          error.message.includes(`"${provider}"`) &&
          error.message.includes(new Map(Object.entries(sentences)).get(provider) ?? '') &&
          !error.message.includes(KEY),
        provider,
      )
  })

  it('tells each run its own address, token and folder, private to the owner and gone after', async () => {
    await using world = await createWorld(anthropicAt('http://127.0.0.1:9'))
    const one = openDoor(world, { sandbox: 'on' })
    const two = openDoor(world, { sandbox: 'on', egress: ['example.org'] })
    assert.notEqual(one.token, two.token)
    assert.ok(one.token.length > 60)
    assert.equal(one.proxy, null)
    assert.equal(two.proxy, two.url.replace('http://', `http://orch:${two.token}@`))
    assert.notEqual(one.readable[0], two.readable[0])
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
    const base = dirname(one.readable[0]!)
    assert.deepEqual([mode(base), mode(one.readable[0]!), mode(socketOf(one))], ['700', '700', '600'])
    one.close()
    one.close()
    assert.deepEqual(readdirSync(base), [two.readable[0]!.split('/').at(-1)])
    await world.gateway.close()
    assert.deepEqual(readdirSync(base), [])
    assert.throws(() => openDoor(world))
  })

  it('ends with the gateway, whoever is connected and however far', async () => {
    await using world = await createWorld(anthropicAt('http://127.0.0.1:9'))
    const doors = [openDoor(world), openDoor(world, { sandbox: 'on' })]
    const sockets = doors.flatMap((door) => [bare(door), bare(door)])
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    for (const [at, socket] of sockets.entries()) if (at % 2 === 0) socket.write('POST /v1/mess')
    const closed = sockets.map(
      (socket) =>
        new Promise((resolve) =>
          socket
            .on('error', () => {})
            .on('close', resolve)
            .resume(),
        ),
    )
    await world.gateway.close()
    await Promise.all(closed)
  })

  it('finds a shorter place where the folder is too deep for a socket, and cleans up after a killed process', async () => {
    await using first = await createWorld({})
    const deep = join(first.dir, 'd'.repeat(60), 'e'.repeat(60))
    const providers = anthropicAt('http://127.0.0.1:9')
    await using world = await createWorld(providers, { dir: deep, tmpDir: first.dir })
    const door = openDoor(world, { sandbox: 'on' })
    assert.equal(dirname(dirname(door.readable[0]!)), first.dir)
    await using beside = await createWorld(providers, { dir: deep, tmpDir: first.dir })
    const left = join(dirname(door.readable[0]!), 'left')
    mkdirSync(left)
    writeFileSync(join(left, 's'), '')
    await using again = await createWorld(providers, { dir: deep, tmpDir: first.dir })
    assert.deepEqual(readdirSync(dirname(left)), [door.readable[0]!.split('/').at(-1)])
    assert.equal((await ask(door)).status, 502)
    assert.ok(beside && again)
    await assert.rejects(createWorld(providers, { dir: deep, tmpDir: deep }), { name: 'UserError' })
  })

  it('takes no folder of somebody else, and nothing that is no folder', async () => {
    await using world = await createWorld({})
    const dir = join(world.dir, 'theirs')
    writeFileSync(dir, '')
    await assert.rejects(createWorld({}, { dir }))
    const link = join(world.dir, 'link')
    symlinkSync(world.dir, link)
    await assert.rejects(createWorld({}, { dir: link }), /is not ours/)
    if (process.getuid?.() !== 0) return
    rmSync(dir)
    mkdirSync(dir)
    chownSync(dir, 65534, 65534)
    await assert.rejects(createWorld({}, { dir }), /is not ours/)
  })

  it('answers nobody on loopback while no run without a sandbox is under way', async () => {
    await using upstream = await startUpstream((_, response) => response.end('{}'))
    await using world = await createWorld(anthropicAt(upstream.url))
    const door = openDoor(world)
    const idle = bare(door)
    await once(idle, 'connect')
    assert.equal((await ask(door)).status, 200)
    door.close()
    await once(idle.resume(), 'close')
    const inside = openDoor(world, { sandbox: 'on' })
    await assert.rejects(ask({ ...door, token: inside.token }), { code: 'ECONNRESET' })
    openDoor(world, { run: '7.2' })
    // The token of a run in a sandbox is good at its own socket only.
    assert.equal((await ask({ ...door, token: inside.token })).status, 401)
  })
})
