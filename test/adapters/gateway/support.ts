/** What the tests of the gateway share: providers on the wire, and programs that come through a door. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import {
  createGateway,
  type GatewayOptions,
  type Provider,
  type RunningGateway,
} from '../../../src/adapters/gateway/index.ts'
import { systemClock, systemIds } from '../../../src/adapters/system/clock.ts'
import type { Door, Ledger } from '../../../src/engine/ports/gateway.ts'

export const KEY = 'sk-the-real-key-0123456789'

export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}
export interface Upstream extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly seen: readonly Seen[]
  /** Connections that are open now. */
  connections(): number
}
export type Script = (request: IncomingMessage, response: ServerResponse, body: Buffer) => unknown

/** A real server on loopback; `script` gets each request with its whole body. */
export async function startUpstream(script: Script): Promise<Upstream> {
  const seen: Seen[] = []
  const sockets = new Set<Socket>()
  const server = createServer(async (incoming, response) => {
    response.on('error', () => {})
    const body = await buffer(incoming).catch(() => null)
    if (body === null) return
    const { method = '', url = '', headers, rawHeaders } = incoming
    seen.push({ method, url, headers, rawHeaders, body })
    await script(incoming, response, body)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    connections: () => sockets.size,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export interface World extends AsyncDisposable {
  readonly dir: string
  readonly gateway: RunningGateway
  /** Lines of the log, as JSON. */
  readonly logged: readonly string[]
}

export async function createWorld(
  providers: Record<string, Provider>,
  more: Partial<GatewayOptions> = {},
): Promise<World> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'orch-gw-')))
  const logged: string[] = []
  const write = (fields: object, message: string) =>
    void logged.push(JSON.stringify({ ...fields, message, error: String((fields as { error?: unknown }).error) }))
  const gateway = createGateway({
    dir: join(dir, 'gateway'),
    tmpDir: dir,
    providers: () => providers,
    node: process.execPath,
    ids: systemIds,
    clock: systemClock,
    log: { debug: write, info: write, warn: write, error: write },
    ...more,
  })
  await gateway.start().catch((error: unknown) => {
    rmSync(dir, { recursive: true, force: true })
    throw error
  })
  return {
    dir,
    gateway,
    logged,
    async [Symbol.asyncDispose]() {
      await gateway.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export const anthropicAt = (upstream: string): Record<string, Provider> => ({
  anthropic: { upstream, key: KEY, style: 'anthropic' },
})

export const openDoor = (world: World, more: Partial<Parameters<RunningGateway['open']>[0]> = {}): Door =>
  world.gateway.open({ run: '7.1', provider: 'anthropic', sandbox: 'off', egress: [], ...more })

export interface Call {
  readonly method?: string
  readonly path?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Buffer
  readonly signal?: AbortSignal
}
export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly text: string
}

/** Comes in where a program of the run would: by the door's address, or by the run's socket. */
export const placeOfDoor = (door: Door) =>
  door.readable.length === 0
    ? { host: '127.0.0.1', port: Number(new URL(door.url).port) }
    : { socketPath: socketOf(door) }
export const socketOf = (door: Door): string => join(door.readable[0]!, 's')

export const begin = (door: Door, call: Call = {}): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const outgoing = request({
      ...placeOfDoor(door),
      agent: false,
      method: call.method ?? 'POST',
      path: call.path ?? '/v1/messages',
      headers: { 'x-api-key': door.token, ...call.headers },
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    })
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    outgoing.end(call.body ?? (call.method === 'GET' || call.method === 'HEAD' ? undefined : '{}'))
  })

export const ask = async (door: Door, call: Call = {}): Promise<Reply> => {
  const answer = await begin(door, call)
  const text = (await buffer(answer)).toString()
  return { status: answer.statusCode!, headers: answer.headers, rawHeaders: answer.rawHeaders, text }
}

/** CONNECT through the door; the socket when it is through, else the answer. */
export const tunnel = (
  door: Door,
  place: string,
  headers: Record<string, string> = proxyHeaders(door),
): Promise<{ readonly status: number; readonly text: string; readonly socket: Socket }> =>
  new Promise((resolve, reject) => {
    const outgoing = request({ ...placeOfDoor(door), agent: false, method: 'CONNECT', path: place, headers })
    outgoing.on('connect', async (answer, socket, head) => {
      const status = answer.statusCode!
      const text = status === 200 ? '' : head.toString() + (await buffer(socket)).toString()
      resolve({ status, text, socket: socket as Socket })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
export const proxyHeaders = (door: Door): Record<string, string> => ({
  'proxy-authorization': `Basic ${Buffer.from(`orch:${door.token}`).toString('base64')}`,
})

/** A bare connection, for what no HTTP client would send. */
export const bare = (door: Door): Socket => {
  const place = placeOfDoor(door)
  return 'socketPath' in place ? connect({ path: place.socketPath }) : connect(place)
}

/** Waits for a condition of the outside world; throws after ten seconds. */
export const until = async (what: string, isTrue: () => boolean): Promise<void> => {
  for (const endAt = performance.now() + 10_000; !isTrue(); await delay(5)) {
    if (performance.now() > endAt) throw new Error(`it never came true that ${what}`)
  }
}

export const event = (fields: { readonly type: string }): string =>
  `event: ${fields.type}\ndata: ${JSON.stringify(fields)}\n\n`

export interface Used {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheCreation: number
}
/** A message as the Messages API streams it. */
export const message = (model: string, used: Used, text: readonly string[] = ['hello']): string[] => [
  event({
    type: 'message_start',
    message: {
      type: 'message',
      model,
      usage: {
        input_tokens: used.input,
        cache_read_input_tokens: used.cacheRead,
        cache_creation_input_tokens: used.cacheCreation,
        output_tokens: Math.min(1, used.output),
      },
    },
  } as { type: string }),
  ...text.map((piece) => event({ type: 'content_block_delta', delta: { text: piece } } as { type: string })),
  event({
    type: 'message_delta',
    delta: { stop_reason: null },
    usage: { output_tokens: Math.floor(used.output / 2) },
  } as { type: string }),
  event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: used.output } } as {
    type: string
  }),
  event({ type: 'message_stop' }),
]

export const stream = (response: ServerResponse, pieces: readonly string[]): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const piece of pieces) response.write(piece)
  response.end()
}
export type { Ledger }
