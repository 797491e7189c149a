/** The API over a store in memory and a folder of logs, asked without a network. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { pipeline } from '#core/pipeline.ts'
import { defaultPolicy } from '#core/policy.ts'
import type { IntakeDeps } from '#engine/intake.ts'
import type { RunAgent, RunRow, Store } from '#engine/ports/store.ts'
import type { Tracker, WorkItem } from '#engine/ports/tracker.ts'
import { createRunLogs, type FileRunLogs } from '../../src/adapters/files/run-logs.ts'
import { createWeb } from '../../src/web/app.ts'
import { createMemoryStore } from '../sim/memory/memory-store.ts'

export const AT = Date.UTC(2026, 0, 31, 12)
const TOKEN = 'token-of-the-tests'

export interface Answer {
  readonly status: number
  readonly body: string
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  readonly json: any
}

export interface WebWorld {
  readonly store: Store
  readonly runLogs: FileRunLogs
  get(path: string): Promise<Answer>
  post(path: string, body: object): Promise<Answer>
  /** Creates a task and returns its id. */
  task(title?: string): Promise<number>
  run(task: number, more: Partial<RunRow>): Promise<RunRow>
  /** Called whenever the server waits for something to happen. */
  whileWaiting: () => Promise<void>
}

export async function startWeb(t: TestContext): Promise<WebWorld> {
  const dir = mkdtempSync(join(tmpdir(), 'orch-web-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  mkdirSync(join(dir, 'board'))
  writeFileSync(join(dir, 'board', 'index.html'), '<!doctype html>')
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const { store } = await createMemoryStore({ seed: 0, onCommit() {}, onBackstop() {} })
  const runLogs = createRunLogs(join(dir, 'runs'), log)
  const clock = { now: () => AT, sleep: () => world.whileWaiting() }
  const intake: IntakeDeps = {
    store,
    tracker: tracker(),
    clock,
    log,
    rulesOf: () => ({ pipeline, policy: defaultPolicy }),
    repoOf: () => 'shop',
    isListed: () => true,
  }
  const { app } = await createWeb({
    store,
    intake,
    runLogs,
    changes: { subscribe: () => () => {} },
    policyOf: () => defaultPolicy,
    scheduleRules: () => ({
      caps: { total: 4, perRole: {}, perProject: {} },
      serialGate: () => true,
      freeze: true,
      providerOf: () => null,
    }),
    guards: () => ({ serialGate: true, stop: true }),
    access: { token: TOKEN, person: 'ada' },
    me: () => ({ version: '1', projects: [{ id: 'shop', title: 'Shop', repo: 'shop' }], warnings: ['sandbox off'] }),
    readFile: async () => null,
    boardDir: join(dir, 'board'),
    host: '127.0.0.1',
    now: () => AT,
    log,
    isReady: async () => true,
    ring() {},
  })
  t.after(() => app.close())
  const ask = async (method: 'GET' | 'POST', url: string, payload?: object): Promise<Answer> => {
    const answer = await app.inject({
      method,
      url,
      headers: { host: '127.0.0.1', authorization: `Bearer ${TOKEN}` },
      ...(payload === undefined ? {} : { payload }),
    })
    const isJson = String(answer.headers['content-type']).startsWith('application/json')
    return { status: answer.statusCode, body: answer.body, json: isJson ? answer.json() : null }
  }
  let requests = 0
  const world: WebWorld = {
    store,
    runLogs,
    get: (path) => ask('GET', path),
    post: (path, body) => ask('POST', path, { requestId: `request-${++requests}`, ...body }),
    async task(title = 'Add a login') {
      const { json } = await world.post('/api/tasks', { project: 'shop', title })
      return json.id
    },
    async run(task, more) {
      const { task: known } = (await store.reads.taskRow(task))!
      const row: RunRow = { ...NO_RUN, id: `${task}.1`, task, repo: known.repo, project: known.project, ...more }
      await store.transaction((tx) => tx.insertRun(row))
      return row
    },
    whileWaiting: async () => {},
  }
  return world
}

const NO_RUN: Omit<RunRow, 'id' | 'task' | 'repo' | 'project'> = {
  stage: 'development',
  kind: 'agent',
  role: 'developer',
  target: null,
  artefact: null,
  state: 'done',
  readyAt: AT,
  notBefore: AT,
  job: null,
  host: null,
  startedAt: AT - 60_000,
  endedAt: AT,
  sentence: null,
  usage: null,
  facts: null,
  report: null,
  agent: null,
}

export const AGENT: RunAgent = {
  runtime: 'claude',
  provider: 'anthropic',
  choice: {
    model: 'claude-opus-5-5',
    effort: 'high',
    fallback: null,
    reasons: ['model: claude-opus-5-5, set for the task', 'effort: high, the floor of the developer', 'fallback: none'],
  },
  models: ['claude-opus-5-5'],
  session: null,
  resumes: null,
}

/** As much of a tracker as making a task needs. */
function tracker(): Tracker {
  const made = new Map<string, WorkItem>()
  const by = { id: 'ada', name: 'ada', isBot: false }
  const never = () => Promise.reject(new Error('nobody asks this tracker for that'))
  return {
    changes: never,
    comments: never,
    show: never,
    ensureComment: never,
    read: async (_, id) => [...made.values()].find((item) => item.id === id) ?? null,
    moveAs: async () => {},
    async create(_, { title, description, priority, requestId }) {
      const n = made.size + 1
      const item = { id: `item-${n}`, key: `SHOP-${n}`, title, description, priority, url: null, status: null }
      const known = made.get(requestId) ?? { ...item, statusSince: AT, statusBy: by }
      made.set(requestId, known)
      return known
    },
  }
}
