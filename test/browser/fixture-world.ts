/** An Orch of the board's test: tasks in memory, orders of people, and what it tells about changes. Not the engine. */
import type { BreakerView, ChangeNotice, MeView, QueueView, TaskDetail, UsageView } from '../../src/core/view.ts'
import type { UsageBy } from '../../src/core/words.ts'
import { manyTasks } from './fixture-many.ts'
import { ANALYSIS, mixedTasks } from './fixture-mixed.ts'
import { buildTask } from './fixture-tasks.ts'

export type Scenario = 'empty' | 'mixed' | 'many'
export interface Answer {
  readonly status: number
  readonly body: object | null
}
type Body = Readonly<Record<string, unknown>>

export class World {
  readonly tasks: Map<string, TaskDetail>
  readonly notices: ChangeNotice[] = []
  /** Every order as it arrived, refused ones and repeats too. */
  readonly orders: { readonly path: string; readonly body: Body }[] = []
  readonly logs = new Map<string, { lines: string[]; ended: boolean }>()
  readonly listeners = new Set<() => void>()
  readonly artefacts = new Map<string, string>([['SHOP-31/analysis', ANALYSIS]])
  readonly #answers = new Map<string, Answer>()
  readonly #now: () => number
  canWrite = true
  warnings: readonly string[] = []
  breakers: readonly BreakerView[] = []

  constructor(scenario: Scenario, now: () => number) {
    this.#now = now
    const tasks = scenario === 'mixed' ? mixedTasks(now()) : scenario === 'many' ? manyTasks(now()) : []
    this.tasks = new Map(tasks.map((task) => [task.key, task]))
  }

  me(): MeView {
    const ids = ['shop', 'pay', 'search', 'admin', 'api', 'mobile', 'docs', 'billing', 'mail', 'stock']
    const projects = ids.map((id) => ({ id, title: id.charAt(0).toUpperCase() + id.slice(1), repo: `acme/${id}` }))
    return {
      name: this.canWrite ? 'mara' : null,
      canWrite: this.canWrite,
      version: '0.1.0',
      projects,
      warnings: this.warnings,
    }
  }

  /** Changes a task; `silently` keeps the change from the pages, as when a notice is still on its way. */
  change(key: string, part: Partial<TaskDetail>, silently = false): TaskDetail {
    const before = this.tasks.get(key)
    if (before === undefined) throw new Error(`there is no ${key} in this world`)
    const after = { ...before, ...part, updatedAt: this.#now() }
    this.tasks.set(key, after)
    if (!silently) this.tell(key, 'changed')
    return after
  }

  tell(task: string | null, kind: string): void {
    this.notices.push({ id: this.notices.length + 1, task, kind })
    this.#wake()
  }

  log(run: string, ...lines: readonly string[]): void {
    const log = this.logOf(run)
    log.lines.push(...lines)
    this.#wake()
  }

  endLog(run: string): void {
    this.logOf(run).ended = true
    this.#wake()
  }

  logOf(run: string): { lines: string[]; ended: boolean } {
    const known = this.logs.get(run) ?? { lines: [], ended: false }
    this.logs.set(run, known)
    return known
  }

  /** Done once per request id; a repeat gets the first answer. */
  order(path: string, body: Body): Answer {
    this.orders.push({ path, body })
    if (!this.canWrite) return refused(401, 'You are not logged in here; open the link that `orch board` prints.')
    const id = String(body.requestId)
    const answer = this.#answers.get(id) ?? (path === '/api/tasks' ? this.#create(body) : this.#act(path, body))
    this.#answers.set(id, answer)
    return answer
  }

  queue(): QueueView {
    const all = [...this.tasks.values()]
    const live = all.filter(({ phase }) => phase === 'running' || phase === 'ready')
    const queued = all.filter(({ stage }) => stage === 'queued')
    const repos = [...new Set([...queued, ...all.filter(({ lane }) => lane)].map(({ repo }) => repo))]
    const working = live.filter(({ phase }) => phase === 'running').length
    return {
      at: this.#now(),
      jobs: {
        ready: live.length - working,
        admitted: working,
        cancelling: all.filter(({ stopping }) => stopping).length,
      },
      runs: live.map((task) => ({
        run: task.run ?? '',
        task: task.key,
        kind: 'agent',
        role: task.role,
        state: task.phase === 'running' ? 'admitted' : 'ready',
        host: task.phase === 'running' ? 'ci-3' : null,
        since: task.since,
        why: task.phase === 'ready' ? task.why : null,
      })),
      gates: all
        .filter(
          ({ phase, stage, why }) => (phase === 'gated' || phase === 'waiting') && stage !== 'queued' && why !== null,
        )
        .map(({ key, stage, why }) => ({
          task: key,
          gate: stage === 'analysis' ? 'approved' : 'pull-request-open',
          sentence: why ?? '',
        })),
      serial_gate: {
        enabled: true,
        lanes: repos.map((repo) => ({
          repo,
          owner: all.find((task) => task.repo === repo && task.lane)?.key ?? null,
          waiting: queued
            .filter((task) => task.repo === repo)
            .map((task, index) => ({ task: task.key, position: index + 1, why: task.why ?? 'its turn comes' })),
        })),
      },
      freeze:
        all.length === 0
          ? []
          : [
              {
                repo: 'acme/billing',
                reason: 'the release of Friday is being looked at',
                by: 'jonas',
                since: this.#now() - 8_000_000,
                until: null,
              },
            ],
      dependencies: [],
      stop: all
        .filter(({ stopping }) => stopping)
        .map(({ key, since, why }) => ({
          task: key,
          by: 'mara',
          since,
          sentence: why ?? 'its processes are being ended',
        })),
      reaper: { lost: all.length > 0 ? 1 : 0 },
      breakers: this.breakers,
      leases: all.filter(({ stage }) => stage === 'deploy').map(({ repo, key }) => ({ repo, task: key, fence: 7 })),
      watch: [],
      effects: { pending: all.length > 0 ? 2 : 0, unknown: 0, failed: 0 },
    }
  }

  /** One sum of two runs, and one of a run that reported nothing. */
  usage(by: UsageBy): UsageView {
    const sum = { runs: 2, ms: 720_000, usage: { input: 7_100, cacheRead: 38_100, output: 12_100, costUsd: 0.21 } }
    const silent = { runs: 1, ms: 9_000, usage: {} }
    const rows =
      this.tasks.size === 0
        ? []
        : [
            { name: `a ${by}`, ...sum },
            { name: `a silent ${by}`, ...silent },
          ]
    return { by, from: this.#now() - 2_592_000_000, to: this.#now(), project: null, rows, total: { ...sum, runs: 3 } }
  }

  #create(body: Body): Answer {
    const title = String(body.title ?? '')
    if (title.toLowerCase().includes('refuse'))
      return refused(409, 'Project shop takes no new tasks now; lift its freeze first.')
    const id = this.tasks.size + 1
    const key = `${String(body.project).toUpperCase()}-${100 + id}`
    const made = buildTask(id, this.#now(), {
      key,
      title,
      description: String(body.description ?? ''),
      priority: Number(body.priority ?? 0),
      stage: 'queued',
      phase: 'waiting',
      since: this.#now(),
      createdAt: this.#now(),
      why: '1 ahead of it',
      actions: ['next', 'stop'],
    })
    this.tasks.set(key, made)
    this.tell(key, 'opened')
    return { status: 201, body: made }
  }

  #act(path: string, body: Body): Answer {
    const [, key = '', action = ''] = /^\/api\/tasks\/([^/]+)\/(\w+)$/.exec(path) ?? []
    const task = this.tasks.get(decodeURIComponent(key))
    if (task === undefined) return refused(404, `There is no task ${key}.`)
    if (!task.actions.some((possible) => possible === action))
      return refused(409, `${task.key} does not wait for that (${task.stage}).`)
    if (action === 'approve' && body.subject !== task.subject) {
      return refused(
        409,
        `${task.key} has changed since you looked at it; look at it again and approve what it is now.`,
      )
    }
    const going = { hold: null, why: null, subject: null, since: this.#now(), actions: ['stop'] as const }
    if (action === 'stop')
      return {
        status: 200,
        body: this.change(task.key, { stopping: true, actions: [], why: 'its processes are being ended' }),
      }
    if (action === 'next') return { status: 200, body: this.change(task.key, { next: true }) }
    if (action === 'approve' && task.stage === 'analysis') {
      return {
        status: 200,
        body: this.change(task.key, { ...going, stage: 'architecture', phase: 'running', role: 'architect' }),
      }
    }
    return { status: 200, body: this.change(task.key, { ...going, phase: 'ready' }) }
  }

  #wake(): void {
    for (const listener of this.listeners) listener()
  }
}

const refused = (status: number, error: string): Answer => ({ status, body: { error } })
