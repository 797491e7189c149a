/**
 * Serves `dist/board` and the board's API from a world in memory, with the content security policy of the real server.
 * By hand: `node test/browser/fixture-server.ts mixed 4173` (scenarios: empty, mixed, many; `--read-only`).
 */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { UsageBy } from '../../src/core/words.ts'
import { type Scenario, World } from './fixture-world.ts'

const BOARD = fileURLToPath(new URL('../../dist/board/', import.meta.url))
const CSP = "default-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:"
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export interface Fixture {
  readonly url: string
  readonly world: World
  /** Paths that were asked for, in their order. */
  readonly requests: readonly string[]
  /** How many streams are open. */
  readonly streams: () => number
  /** Cuts every open stream, as a restart or a lost network does. */
  readonly cutStreams: () => void
  /** While it is off, every connection is refused at once. */
  readonly reachable: (is: boolean) => void
  readonly close: () => Promise<void>
}

/** Listens on a free port of the loopback when `port` is 0. */
export async function startFixture(world: World, port = 0): Promise<Fixture> {
  const streams = new Set<ServerResponse>()
  const sockets = new Set<Socket>()
  const requests: string[] = []
  let up = true
  const server: Server = createServer((request, response) => {
    requests.push(new URL(request.url ?? '/', 'http://orch').pathname)
    handle(world, streams, request, response).catch((error: unknown) => send(response, 500, { error: String(error) }))
  })
  server.on('connection', (socket) => {
    if (!up) return socket.destroy()
    sockets.add(socket)
    return socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening))
  const cutStreams = () => {
    for (const stream of streams) stream.destroy()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    world,
    requests,
    streams: () => streams.size,
    cutStreams,
    reachable: (is) => {
      up = is
      if (!is) for (const socket of sockets) socket.destroy()
    },
    close: () =>
      new Promise((closed) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => closed())
      }),
  }
}

async function handle(
  world: World,
  streams: Set<ServerResponse>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://orch')
  const path = decodeURIComponent(url.pathname)
  const wantsPage = request.headers.accept?.includes('text/html') === true
  if (request.method === 'POST') return post(world, url.pathname, request, response)
  if (path === '/api/me') return send(response, 200, world.me())
  if (path === '/api/tasks') return list(world, url, response)
  if (path === '/api/usage') return send(response, 200, world.usage((url.searchParams.get('by') ?? 'role') as UsageBy))
  if (path === '/api/events') return events(world, streams, request, response)
  if (path === '/queue' && !wantsPage) return send(response, 200, world.queue())
  const log = /^\/api\/runs\/([^/]+)\/log$/.exec(path)
  if (log)
    return followLog(world, streams, `${log[1]}${url.searchParams.get('raw') === '1' ? ' raw' : ''}`, request, response)
  const artefact = /^\/api\/tasks\/([^/]+)\/artefacts\/([^/]+)$/.exec(path)
  if (artefact) {
    const text = world.artefacts.get(`${artefact[1]}/${artefact[2]}`)
    if (text === undefined) return send(response, 404, { error: 'There is no such document.' })
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
    return
  }
  const task = /^\/api\/tasks\/([^/]+)$/.exec(path)
  if (task) {
    const found = world.tasks.get(task[1] ?? '')
    return found ? send(response, 200, found) : send(response, 404, { error: `There is no task ${task[1]}.` })
  }
  if (path.startsWith('/api/')) return send(response, 404, { error: `There is no ${path}.` })
  return page(path, response)
}

async function post(world: World, path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = ''
  for await (const chunk of request) text += chunk
  const body = JSON.parse(text) as Record<string, unknown>
  if (path === '/api/session') {
    if (body.code !== 'letmein')
      return send(response, 401, {
        error: 'This login link was used or is too old; `orch board` prints a new one.',
      })
    world.canWrite = true
    response.writeHead(204, { 'set-cookie': 'orch=fixture; HttpOnly; SameSite=Strict' }).end()
    return
  }
  const { status, body: answer } = world.order(path, body)
  send(response, status, answer)
}

function list(world: World, url: URL, response: ServerResponse): void {
  const project = url.searchParams.get('project')
  const limit = Number(url.searchParams.get('limit') ?? 50)
  const start = Number(url.searchParams.get('before') ?? 0)
  const found = [...world.tasks.values()]
    .filter((task) => project === null || task.project === project)
    .sort((a, b) => b.updatedAt - a.updatedAt || b.id - a.id)
  const tasks = found
    .slice(start, start + limit)
    .map(({ timeline, runs, gates, stages, artefacts, description, ...summary }) => summary)
  send(response, 200, { tasks, next: start + limit < found.length ? String(start + limit) : null })
}

function stream(
  world: World,
  streams: Set<ServerResponse>,
  request: IncomingMessage,
  response: ServerResponse,
  pump: () => void,
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.write(': open\n\n')
  streams.add(response)
  world.listeners.add(pump)
  request.on('close', () => {
    streams.delete(response)
    world.listeners.delete(pump)
  })
  pump()
}

function events(world: World, streams: Set<ServerResponse>, request: IncomingMessage, response: ServerResponse): void {
  let sent = Number(request.headers['last-event-id'] ?? world.notices.length)
  stream(world, streams, request, response, () => {
    for (; sent < world.notices.length; sent++) {
      const notice = world.notices[sent]
      response.write(`id: ${notice?.id}\nevent: change\ndata: ${JSON.stringify(notice)}\n\n`)
    }
  })
}

function followLog(
  world: World,
  streams: Set<ServerResponse>,
  run: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const log = world.logOf(run)
  let sent = 0
  stream(world, streams, request, response, () => {
    let text = ''
    for (; sent < log.lines.length; sent++) text += `event: line\ndata: ${JSON.stringify(log.lines[sent])}\n\n`
    if (text !== '') response.write(text)
    if (log.ended) response.end('event: end\ndata: {"state":"done"}\n\n')
  })
}

async function page(path: string, response: ServerResponse): Promise<void> {
  const file = normalize(path)
  const isFile = extname(file) !== '' && !file.startsWith('/tasks/')
  const content = await readFile(join(BOARD, isFile ? file : 'index.html')).catch(() => null)
  if (content === null) return send(response, 404, { error: `There is no ${path}; was the board built?` })
  response.writeHead(200, {
    'content-type': TYPES[isFile ? extname(file) : '.html'] ?? 'application/octet-stream',
    'content-security-policy': CSP,
    'x-content-type-options': 'nosniff',
  })
  response.end(content)
}

function send(response: ServerResponse, status: number, body: object | null): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .end(JSON.stringify(body))
}

if (import.meta.main) {
  const [scenario = 'mixed', port = '4173'] = process.argv.slice(2)
  const world = new World(scenario as Scenario, () => Date.now())
  if (process.argv.includes('--read-only')) world.canWrite = false
  const fixture = await startFixture(world, Number(port))
  console.log(`board with scenario "${scenario}" at ${fixture.url}`)
}
