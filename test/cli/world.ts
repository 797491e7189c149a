/** A small Orch on the wire, and a terminal that remembers what was written on it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { LocalCommands } from '../../src/cli/commands/local.ts'
import { runCli } from '../../src/cli/run.ts'
import { type Shell, shellOf } from '../../src/cli/shell.ts'
import type { QueueView, RunAgentView, TaskDetail, UsageView } from '../../src/core/view.ts'

export const NOW = Date.UTC(2026, 0, 31, 12)
export const TOKEN = 'token-of-the-tests-0123456789abcdef'
const SUBJECT = 'a'.repeat(64)

export const anAgent = (more: Partial<RunAgentView> = {}): RunAgentView => ({
  runtime: 'claude',
  model: 'claude-opus-5-5',
  effort: 'high',
  fallback: 'claude-haiku-5-5',
  reasons: [
    'model: claude-opus-5-5, set for role analyst',
    'effort: high, the floor of the analyst',
    'fallback: claude-haiku-5-5, set for everyone',
  ],
  models: ['claude-opus-5-5'],
  fellBack: false,
  resumes: null,
  ...more,
})

export const someUsage = (more: Partial<UsageView> = {}): UsageView => ({
  by: 'role',
  from: Date.UTC(2026, 0, 1),
  to: NOW,
  project: null,
  rows: [
    {
      name: 'developer',
      runs: 2,
      ms: 720_000,
      usage: { input: 7_100, cacheRead: 30_000, cacheCreation: 8_100, output: 12_100, costUsd: 0.214 },
    },
    { name: 'reviewer', runs: 1, ms: 9_000, usage: {} },
    { name: 'tester', runs: 1, ms: 9_000, usage: { input: 40, output: 0 } },
  ],
  total: {
    runs: 4,
    ms: 738_000,
    usage: { input: 7_140, cacheRead: 30_000, cacheCreation: 8_100, output: 12_100, costUsd: 0.214 },
  },
  ...more,
})

export const aTask = (more: Partial<TaskDetail> = {}): TaskDetail => ({
  id: 7,
  key: 'SHOP-1',
  project: 'shop',
  repo: 'shop',
  number: 1,
  title: 'Add a login',
  stage: 'analysis',
  phase: 'waiting',
  since: NOW - 3 * 60_000,
  why: 'waits for a person to approve the analysis',
  hold: null,
  actions: ['approve', 'rework', 'stop'],
  stopping: false,
  cleaningUp: false,
  role: 'analyst',
  run: null,
  priority: 0,
  next: false,
  lane: true,
  createdAt: NOW - 600_000,
  updatedAt: NOW - 180_000,
  description: 'With a form.',
  branch: 'orch/SHOP-1',
  base: 'b'.repeat(40),
  head: 'c'.repeat(40),
  pullRequest: { number: 4, url: 'http://forge/shop/pulls/4', state: 'open' },
  merge: null,
  subject: SUBJECT,
  budgets: [
    { name: 'attempts', used: 1, limit: 3 },
    { name: 'reworks', used: 5, limit: 5 },
  ],
  usage: { runs: 1, usage: { input: 7_100, cacheRead: 38_100, output: 12_100, costUsd: 0.21 } },
  usageByRole: {},
  agent: {},
  stages: [
    { stage: 'queued', title: 'Queued', role: null, state: 'passed', runs: 0, ms: 0 },
    { stage: 'analysis', title: 'Analysis', role: 'analyst', state: 'current', runs: 1, ms: 65_000 },
    { stage: 'architecture', title: 'Architecture', role: 'architect', state: 'ahead', runs: 0, ms: 0 },
  ],
  runs: [
    {
      id: '7.1',
      kind: 'agent',
      role: 'analyst',
      stage: 'analysis',
      state: 'done',
      readyAt: NOW - 400_000,
      notBefore: 0,
      startedAt: NOW - 300_000,
      endedAt: NOW - 235_000,
      sentence: 'wrote the analysis',
      usage: { input: 900, output: 80 },
      agent: anAgent(),
    },
  ],
  artefacts: [
    { name: 'analysis', path: 'docs/tasks/SHOP-1/01-analysis.md', sha: 'c'.repeat(40), run: '7.1', problem: null },
  ],
  gates: [
    {
      stage: 'analysis',
      gate: 'artefact-valid',
      describe: 'the artefact is valid',
      verdict: 'pass',
      sentence: '01-analysis.md is complete',
      sha: null,
      at: NOW,
    },
    {
      stage: 'analysis',
      gate: 'approved',
      describe: 'a listed person approved',
      verdict: 'pending',
      sentence: 'nobody approved yet',
      sha: null,
      at: NOW,
    },
  ],
  timeline: [
    { id: 1, at: NOW - 600_000, is: 'event', title: 'opened', text: null, by: 'ada', tone: 'plain', run: null },
    {
      id: 2,
      at: NOW - 500_000,
      is: 'moved',
      title: 'queued → analysis',
      text: 'the lane is free',
      by: null,
      tone: 'good',
      run: null,
    },
  ],
  ...more,
})

export const aQueue = (more: Partial<QueueView> = {}): QueueView => ({
  at: NOW,
  jobs: { ready: 1, admitted: 1, cancelling: 0 },
  runs: [
    {
      run: '7.2',
      task: 'SHOP-1',
      kind: 'agent',
      role: 'developer',
      state: 'admitted',
      host: 'host-a',
      since: NOW - 65_000,
      why: null,
    },
    {
      run: '8.1',
      task: 'SHOP-2',
      kind: 'check',
      role: null,
      state: 'ready',
      host: null,
      since: NOW - 5_000,
      why: 'all 4 slots are taken',
    },
  ],
  gates: [{ task: 'SHOP-3', gate: 'ci', sentence: 'waits for ci' }],
  serial_gate: {
    enabled: true,
    lanes: [
      {
        repo: 'shop',
        owner: 'SHOP-1',
        waiting: [{ task: 'SHOP-4', position: 1, why: 'the lane of shop belongs to SHOP-1' }],
      },
    ],
  },
  freeze: [{ repo: 'shop', reason: 'audit', by: 'ada', since: NOW, until: null }],
  dependencies: [],
  stop: [{ task: 'SHOP-5', by: 'ada', since: NOW - 1000, sentence: 'its processes are being ended' }],
  reaper: { lost: 0 },
  breakers: [],
  leases: [{ repo: 'shop', task: 'SHOP-1', fence: 3 }],
  watch: [],
  effects: { pending: 2, unknown: 0, failed: 1 },
  ...more,
})

export interface Seen {
  readonly method: string
  readonly url: string
  readonly authorization: string | undefined
  readonly body: Record<string, unknown>
}

export interface World {
  readonly url: string
  readonly dataDir: string
  readonly seen: Seen[]
  readonly tasks: Map<string, TaskDetail>
  projects: { id: string; title: string; repo: string }[]
  queue: QueueView
  usage: UsageView
  /** Answers instead of Orch where it returns true. */
  instead: (request: IncomingMessage, response: ServerResponse) => boolean
  /** What a run's log streams: events, then `end` with that state; null: the run goes on. */
  log: { readonly lines: readonly string[]; readonly state: string | null }
  /** Sends more to whoever follows the log. */
  say(event: string, data: unknown): void
  /** Cuts off whoever follows the log. */
  hangUp(): void
}

/** A server that answers as Orch does, announced in a data folder of its own. */
export async function startOrch(t: TestContext): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'orch-cli-'))
  const followers = new Set<ServerResponse>()
  const world: World = {
    url: '',
    dataDir,
    seen: [],
    tasks: new Map([['SHOP-1', aTask()]]),
    projects: [{ id: 'shop', title: 'Shop', repo: 'shop' }],
    queue: aQueue(),
    usage: someUsage(),
    instead: () => false,
    log: { lines: ['one', 'two'], state: 'done' },
    say: (event, data) => {
      for (const response of followers) response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    },
    hangUp: () => {
      for (const response of followers) response.destroy()
    },
  }
  const server = createServer((request, response) => void answer(world, followers, request, response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.after(
    () =>
      new Promise<void>((done) => {
        server.close(() => done())
        server.closeAllConnections()
        rmSync(dataDir, { recursive: true, force: true })
      }),
  )
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  writeFileSync(join(dataDir, 'server.json'), JSON.stringify({ url, pid: process.pid }))
  writeFileSync(join(dataDir, 'token'), `${TOKEN}\n`, { mode: 0o600 })
  return Object.assign(world, { url })
}

async function answer(
  world: World,
  followers: Set<ServerResponse>,
  request: IncomingMessage,
  response: ServerResponse,
) {
  let text = ''
  for await (const chunk of request) text += chunk
  const { method = '', url = '', headers } = request
  const body = text === '' ? {} : JSON.parse(text)
  world.seen.push({ method, url, authorization: headers.authorization, body })
  if (world.instead(request, response)) return
  const send = (status: number, value: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value))
  if (method === 'POST' && headers.authorization !== `Bearer ${TOKEN}`)
    return send(401, { error: 'Writing needs the token.' })
  const { pathname, searchParams: query } = new URL(url, 'http://orch')
  const [, key, order] = /^\/api\/tasks\/([^/]+)(?:\/(\w+))?$/.exec(decodeURIComponent(pathname)) ?? []
  if (pathname === '/api/me')
    return send(200, { name: null, canWrite: false, version: '1', projects: world.projects, warnings: [] })
  if (pathname === '/queue') return send(200, world.queue)
  if (pathname === '/api/usage') return send(200, world.usage)
  if (pathname === '/api/login-codes') return send(200, { code: 'once-only' })
  if (pathname === '/api/tasks' && method === 'GET') return send(200, { tasks: [...world.tasks.values()], next: null })
  if (pathname === '/api/tasks')
    return send(201, aTask({ key: 'SHOP-2', title: body.title, stage: 'queued', why: 'is about to be let in' }))
  if (/^\/api\/runs\/.*\/log$/.test(pathname)) {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).write(': open\n\n')
    for (const line of world.log.lines) response.write(`event: line\ndata: ${JSON.stringify(line)}\n\n`)
    if (world.log.state === null && query.get('follow') === '0')
      response.end(`event: so-far\ndata: ${JSON.stringify({ state: 'admitted' })}\n\n`)
    else if (world.log.state !== null)
      response.end(`event: end\ndata: ${JSON.stringify({ state: world.log.state })}\n\n`)
    else followers.add(response)
    return
  }
  const task = key === undefined ? undefined : world.tasks.get(key)
  if (task === undefined) return send(404, { error: `There is no task ${JSON.stringify(key)}.` })
  if (order === undefined) return send(200, task)
  return order === 'agent' || task.actions.includes(order as never)
    ? send(200, { ...task, phase: 'ready', why: null, stopping: order === 'stop' })
    : send(409, { error: `${task.key} cannot be ${order} now; it is in ${task.stage}.` })
}

export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** The local commands of a program in which each only says what it was asked. */
const echo = (write: (text: string) => void): LocalCommands => {
  const say = (name: string) => async (flags?: object) => {
    write(`${name} ${JSON.stringify(flags ?? {})}\n`)
    return name === 'doctor' ? 2 : 0
  }
  return {
    up: say('up'),
    demo: say('demo'),
    init: say('init'),
    doctor: say('doctor'),
    configCheck: say('configCheck'),
    configSchema: say('configSchema'),
    migrate: say('migrate'),
  }
}

export interface CliOptions {
  readonly env?: Record<string, string>
  readonly input?: string
  readonly width?: number
  readonly colour?: boolean
  readonly dataDir?: string | null
  readonly cwd?: string
  readonly isAlive?: (pid: number) => boolean
  readonly local?: Partial<LocalCommands>
  readonly onOut?: (text: string) => void
}

/** The network and the processes are the real ones. */
const REAL = shellOf(process)

/** Runs `orch <words>` beside that Orch, with a clock that stands still. */
export async function orch(world: World | null, words: readonly string[], options: CliOptions = {}): Promise<Ended> {
  const written = { out: '', err: '' }
  const shell: Shell = {
    ...REAL,
    terminal: {
      out: (text) => {
        written.out += text
        options.onOut?.(text)
      },
      err: (text) => {
        written.err += text
      },
      width: options.width ?? Number.POSITIVE_INFINITY,
      colour: options.colour ?? false,
      input: async () => options.input ?? '',
    },
    env: options.env ?? {},
    cwd: options.cwd ?? tmpdir(),
    now: () => NOW,
    ...(options.isAlive ? { isAlive: options.isAlive } : {}),
  }
  const code = await runCli(words, {
    version: '1.2.3',
    shell,
    local: { ...echo(shell.terminal.out), ...options.local },
    locate: () => (options.dataDir === undefined ? (world?.dataDir ?? null) : options.dataDir),
  })
  return { code, ...written }
}
