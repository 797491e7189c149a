/** The composition root: settings in, a running world out. What belongs together is put together in `parts/`. */
import { hostname } from 'node:os'
import { createBell } from '#engine/loop.ts'
import { createOrch, type Orch, type Timing } from '#engine/orch.ts'
import type { Store } from '#engine/ports/store.ts'
import type { Log } from '#engine/ports/world.ts'
import type { LocalForge, LocalTracker } from '../adapters/local/index.ts'
import { createProcesses } from '../adapters/process/processes.ts'
import { systemClock, systemIds } from '../adapters/system/clock.ts'
import { agentWarnings, createHouses, unfitRuntimes } from './agent-rules.ts'
import type { Settings } from './config/settings.ts'
import {
  announceServer,
  type DataFolder,
  dataFolder,
  ensureToken,
  prepareDataFolder,
  withdrawServer,
} from './data-folder.ts'
import { listenOn } from './listen-on.ts'
import { createAgents, secretsOf } from './parts/agents.ts'
import { createClosers } from './parts/closers.ts'
import { keepHouse } from './parts/housekeeping.ts'
import { openDatabase, openMemory } from './parts/memory.ts'
import { adoptProjects, openOutside } from './parts/outside.ts'
import { createPages } from './parts/pages.ts'
import { chooseSandbox } from './parts/sandbox.ts'
import { logStories } from './parts/story-log.ts'
import { createWorkplace } from './parts/workplace.ts'
import { isListedIn, projectOf, refuseLosingTasks, rulesOf, scheduleRulesOf } from './rules.ts'
import { VERSION } from './version.ts'

export const TIMING: Timing = {
  tickMs: 1_000,
  pollMs: 2_000,
  reapMs: 5_000,
  touchMs: 8_000,
  trustMs: 33_000,
  heartbeatMs: 45_000,
  effectClaimMs: 120_000,
}

export interface ComposeOptions {
  /** Read at every decision, so that a changed file is taken up while running. */
  readonly settings: () => Settings
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
  readonly person: string
  /** What must be seen on every page, beside what is found here. */
  readonly warnings?: readonly string[]
  readonly timing?: Timing
  /** Files and folders of Orch's own that no run may see, beside its data: the configuration. */
  readonly hidden?: readonly string[]
  /** The sandbox was asked for and this machine cannot: refuse, or go on without and say so. */
  readonly withoutSandbox: 'refuse' | 'say'
}

export interface Running {
  readonly url: string
  /** Address that logs a browser in, once. */
  loginUrl(): string
  readonly folder: DataFolder
  readonly store: Store
  readonly orch: Orch
  readonly tracker: LocalTracker
  readonly forge: LocalForge
  readonly warnings: readonly string[]
  /** What is worth knowing once, at this start. */
  readonly notes: readonly string[]
  /** Called after every commit that may have changed something. */
  subscribe(listener: () => void): () => void
  ring(): void
  /**
   * Makes what new projects need; what is there stays as it is. Returns sentences worth knowing.
   * @throws {UserError} where the settings cannot be worked with.
   */
  adopt(settings: Settings): Promise<readonly string[]>
  /** Resolves with a sentence when something that Orch cannot do without has ended by itself. */
  readonly broken: Promise<string>
  stop(): Promise<void>
}

/** Starts everything and resolves when it works. What was started is stopped again where a later part fails. */
export async function start(options: ComposeOptions): Promise<Running> {
  const { env, log, person, timing = TIMING } = options
  const closers = createClosers(log)
  try {
    const first = options.settings()
    const folder = dataFolder(first.data_dir, first.runs_dir)
    await prepareDataFolder(folder)
    const processes = createProcesses({ env, tmpDir: folder.tmp })
    const isolation = await chooseSandbox(first.sandbox, options.withoutSandbox, () => processes.canSandbox())
    const settings = (): Settings => ({ ...options.settings(), sandbox: isolation.sandbox })
    const token = await ensureToken(folder.token)
    const host = { ...processes.self(), name: hostname() }
    const bell = createBell()

    const database = await openDatabase({ url: first.database.url, dir: folder.postgres }, env, log, closers)
    const { heartbeatMs } = timing
    const memory = await openMemory(database.url, { host, heartbeatMs, onChange: () => bell.ring() }, log, closers)
    const { store, queue, changes } = memory
    const outside = await openOutside(database.url, folder, env, closers)
    const houseOf = createHouses()
    const adopt = async (next: Settings): Promise<readonly string[]> => {
      refuseLosingTasks(next, await store.reads.openTasks())
      for (const project of next.projects) houseOf(project)
      return adoptProjects(outside, next, folder)
    }
    const notes = await adopt(first)

    closers.add(await logStories(store.reads, changes.subscribe, log))
    const secrets = () => secretsOf(settings(), env, token)
    const { keep_logs_days: days, keep_logs_mib: mib } = first.agent
    const keep = { days, bytes: mib * 1024 * 1024 }
    const { childEnv, tools, ...workplace } = createWorkplace(
      processes,
      folder,
      env,
      log,
      { secrets, keep },
      options.hidden ?? [],
    )
    const common = { processes, settings, env, node: process.execPath, folder, childEnv, tools }
    const { runtime, gateway } = createAgents({ ...common, clock: systemClock, ids: systemIds, log })
    await gateway.start()
    closers.add(() => gateway.close())
    const world = { store, queue, ...outside, ...workplace, processes, clock: systemClock, ids: systemIds, log }
    const orch = createOrch(world, {
      host,
      projects: () => settings().projects.map(({ id }) => id),
      projectOf: projectOf(settings, runtime, houseOf),
      rulesOf: rulesOf(settings),
      scheduleRules: () => scheduleRulesOf(settings(), runtime),
      secrets,
      isListed: isListedIn(settings),
      childEnv,
      tools,
      slots: first.max_concurrency,
      timing,
    })

    const unfit = await unfitRuntimes(settings(), runtime)
    const warnings = [...(options.warnings ?? []), ...isolation.warnings, ...unfit]
    const { app, sessions } = await createPages({
      ...world,
      runtime,
      changes,
      orch,
      settings,
      token,
      person,
      warnings,
      bell,
    })
    const url = await listenOn(app, first.server)
    closers.add(() => app.close())
    await announceServer(folder.server, url, process.pid)
    closers.add(() => withdrawServer(folder.server))

    const { sandbox, projects } = settings()
    const started = { version: VERSION, node: process.versions.node, pid: process.pid, url, data: folder.root, sandbox }
    log.info({ ...started, projects: projects.map(({ id }) => id) }, 'Orch has started')
    closers.add(() => log.info({}, 'Orch ends'))

    const stopped = new AbortController()
    const { runLogs } = workplace
    const house = keepHouse({ runLogs, reads: store.reads, clock: systemClock, log }, stopped.signal)
    const loops = Promise.all([orch.run(bell, stopped.signal), house])
    closers.add(async () => {
      stopped.abort()
      await loops
    })
    const failed = loops.then(
      () => new Promise<never>(() => {}),
      (error: unknown) => `Orch's own loops ended: ${error instanceof Error ? error.message : String(error)}`,
    )
    return {
      url,
      loginUrl: () => `${url}/#login=${sessions.issueCode(systemClock.now())}`,
      folder,
      store,
      orch,
      ...outside,
      warnings: [...warnings, ...agentWarnings(settings())],
      notes,
      subscribe: changes.subscribe,
      ring: () => bell.ring(),
      adopt,
      broken: Promise.race([database.exited, failed]),
      stop: () => closers.closeAll(),
    }
  } catch (thrown) {
    await closers.closeAll()
    throw thrown
  }
}
