/** One task in the engine, with real decisions, store and worker; Git, forge and the agent are played, and watched. */
import { EFFORTS, type WishLevel } from '#core/agent-choice.ts'
import type { Task, Usage } from '#core/model.ts'
import type { Prompts } from '#core/prompt.ts'
import type { FoundSecret } from '#core/publish.ts'
import type { SpendingLimits } from '#core/spending.ts'
import { ROLES, type Role } from '#core/words.ts'
import { agentRun } from '#engine/handlers/agent.ts'
import type { Forge } from '#engine/ports/forge.ts'
import type { StopReason } from '#engine/ports/processes.ts'
import type { Collected, Repositories, Workspaces } from '#engine/ports/repositories.ts'
import type { AgentEvent, AgentResult, AgentRuntime, AgentSpec } from '#engine/ports/runtime.ts'
import type { Reads, RunRow } from '#engine/ports/store.ts'
import type { Project } from '#engine/project.ts'
import { handleDelivery } from '#engine/worker.ts'
import { type EngineWorld, engineWorld, HOST, rulesOf, silent } from './world.ts'

/** What the agent sees of its run, and how it ends it. */
export interface Scene {
  readonly spec: AgentSpec
  say(event: AgentEvent): void
  /** Writes a file into its checkout. */
  write(path: string, text: string): void
  readonly stopped: Promise<StopReason>
}
export type Play = (scene: Scene) => Promise<AgentResult>

export const completed = (usage: Usage = {}): AgentResult => ({
  is: 'completed',
  text: 'done',
  usage,
  models: ['acme-one'],
})
export const stopped = (reason: StopReason, usage: Usage = {}): AgentResult => ({
  is: 'stopped',
  reason,
  usage,
  models: [],
})
export const ANALYSIS =
  '---\nproblem: it is slow\nacceptance_criteria: [it is fast]\ntest_plan: [measure]\n---\nProse.\n'

const PROMPTS = Object.fromEntries(ROLES.map((role) => [role, '{{item}} {{notes}}'])) as Prompts
const NOTHING_FOUND = {
  commits: 1,
  files: 1,
  bytes: 1,
  largest: null,
  links: [],
  submodules: [],
  secrets: [] as readonly FoundSecret[],
  isPartial: false,
}

export interface AgentWorld extends EngineWorld {
  readonly id: number
  /** Runs whose agent was started, in order. */
  readonly started: readonly AgentSpec[]
  readonly stops: readonly StopReason[]
  readonly logged: readonly string[]
  /** Commits that were kept under a ref of ours: what was taken over. */
  readonly kept: readonly string[]
  /** Admits the task's next run and works on it to its end. */
  work(play: Play, ending?: { readonly shutdown?: AbortSignal; readonly cancelled?: AbortSignal }): Promise<string>
  task(): Promise<Task>
  run(id: string): Promise<RunRow>
  pushes(): Promise<readonly string[]>
}

export interface AgentWorldOptions {
  readonly spending?: Partial<SpendingLimits>
  readonly wishes?: readonly WishLevel[]
  readonly runtime?: (role: Role) => string
  /** Replaces some of the store's reads. */
  readonly reads?: (real: Reads) => Partial<Reads>
  readonly collect?: () => Promise<Collected | null>
}

export async function agentWorld(options: AgentWorldOptions = {}): Promise<AgentWorld> {
  const world = await engineWorld({ providerOf: () => 'acme' })
  const id = await world.open()
  const trees = new Map<string, ReadonlyMap<string, string>>([['base-1', new Map()]])
  const started: AgentSpec[] = []
  const stops: StopReason[] = []
  const logged: string[] = []
  const kept: string[] = []
  const written = new Map<string, string>()
  const treeOf = (sha: string) => trees.get(sha) ?? new Map<string, string>()
  const changed = (from: string, to: string) =>
    [...new Set([...treeOf(from).keys(), ...treeOf(to).keys()])]
      .filter((path) => treeOf(from).get(path) !== treeOf(to).get(path))
      .sort()

  const repositories: Partial<Repositories> = {
    fetch: async () => 'base-1',
    changedPaths: async (_, from, to) => changed(from, to),
    countBetween: async (_, from, to) => (from === to ? 0 : 1),
    mergeBase: async () => 'base-1',
    diffDigest: async () => 'digest',
    readFile: async (_, sha, path) => treeOf(sha).get(path) ?? null,
    inspect: async (_, given, head) => ({
      ...NOTHING_FOUND,
      secrets: changed(given, head)
        .filter((path) => treeOf(head).get(path)?.includes('TOP SECRET'))
        .map((path) => ({ commit: head, path, line: 1, kind: 'a key' })),
    }),
    keep: async (_, ref, sha) => void kept.push(`${ref} ${sha}`),
  }
  const workspaces: Partial<Workspaces> = {
    create: async ({ label, sha }) => ({
      dir: `/ws/${label}`,
      home: '/home',
      tmp: '/tmp',
      given: sha,
      sandbox: { is: 'off' },
    }),
    async collect(_, { given }) {
      const other = await options.collect?.()
      if (other) return other
      if (written.size === 0) return { is: 'collected', head: given }
      const head = `head-${trees.size}`
      trees.set(head, new Map([...treeOf(given), ...written]))
      return { is: 'collected', head }
    },
  }
  const runtimeOf = (name: string, play: Play): AgentRuntime => ({
    name,
    provider: 'acme',
    names: { isModel: (model) => model.startsWith('acme-'), modelFormat: 'acme-…', efforts: EFFORTS },
    probe: async () => ({ ok: true, version: '1', notes: [] }),
    start(spec) {
      started.push(spec)
      const events: AgentEvent[] = []
      let wake = () => {}
      let isOver = false
      let tell: (reason: StopReason) => void = () => {}
      const whenStopped = new Promise<StopReason>((resolve) => {
        tell = resolve
      })
      const say = (event: AgentEvent) => {
        events.push(event)
        wake()
      }
      const write = (path: string, text: string) => void written.set(path, text)
      const result = play({ spec, say, write, stopped: whenStopped }).finally(() => {
        isOver = true
        wake()
      })
      async function* stream(): AsyncGenerator<AgentEvent> {
        for (;;) {
          const event = events.shift()
          if (event !== undefined) yield event
          else if (isOver) return
          else
            await new Promise<void>((resolve) => {
              wake = resolve
            })
        }
      }
      return {
        process: HOST,
        events: stream(),
        result,
        stop(reason) {
          stops.push(reason)
          tell(reason)
        },
      }
    },
  })
  const store = { ...world.store, reads: { ...world.store.reads, ...options.reads?.(world.store.reads) } }
  const handlerOf = (play: Play) =>
    agentRun({
      store,
      forge: { base: async () => 'main', remote: async () => ({ url: 'x', env: {} }) } as unknown as Forge,
      repositories: repositories as Repositories,
      workspaces: workspaces as Workspaces,
      runLogs: {
        open: () => ({
          append: (line) => void logged.push(line),
          raw: (line) => void logged.push(`raw ${line}`),
          close: async () => void logged.push('closed'),
        }),
        read: async () => null,
      },
      projectOf: () =>
        ({
          id: 'p',
          repo: 'shop',
          check: { command: 'c', timeoutMs: 1 },
          protectedPaths: [],
          sandbox: 'off',
          runtime: (role) => runtimeOf(options.runtime?.(role) ?? 'some', play),
          wishes: () => options.wishes ?? [],
          limits: () => ({ timeoutMs: 1, stallMs: 1, graceMs: 1 }),
          spending: { run: {}, task: {}, day: {}, ...options.spending },
          prices: {},
          egress: () => [],
          house: { prompts: PROMPTS, rules: '' },
          author: () => ({ name: 'Orch', email: 'o@x' }),
        }) satisfies Project,
      clock: world.clock,
      log: silent,
      secrets: () => [],
    })
  const never = new AbortController().signal
  return {
    ...world,
    store,
    id,
    started,
    stops,
    logged,
    kept,
    async work(play, { shutdown = never, cancelled = never } = {}) {
      const claim = await world.claim()
      written.clear()
      const work = handlerOf(play)
      const handlers = { agent: work, check: work, merge: work, deploy: work, watch: work }
      const queue = {
        touch: (one: typeof claim) => world.jobs.touch(one, world.clock.now()),
        work: async () => {},
        stop: async () => {},
      }
      const fence = { touchMs: 8_000, trustMs: 33_000 }
      const { clock } = world
      const deps = {
        store,
        queue,
        clock,
        log: silent,
        host: HOST,
        rulesOf,
        handlers,
        fence,
        shutdown,
        secrets: () => [],
      }
      await handleDelivery(deps, claim, cancelled)
      return claim.run
    },
    async task() {
      return (await world.store.reads.taskRow(id))!.task
    },
    async run(run) {
      return (await world.store.reads.runById(run))!
    },
    async pushes() {
      return (await world.ledger.effects()).flatMap(({ effect }) => (effect.type === 'push-branch' ? [effect.sha] : []))
    },
  }
}
