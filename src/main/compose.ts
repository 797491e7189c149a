/** The composition root: settings in, a running world out. The only place that knows every part. */
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UserError } from '#core/errors.ts'
import { ROLES, type Voice } from '#core/words.ts'
import { createBell } from '#engine/loop.ts'
import { createOrch, type Orch, type Timing } from '#engine/orch.ts'
import type { Store } from '#engine/ports/store.ts'
import type { Log } from '#engine/ports/world.ts'
import { createRunLogs } from '../adapters/files/run-logs.ts'
import { createRepositories, createWorkspaces } from '../adapters/git/index.ts'
import { createLocalForge, createLocalTracker, type LocalForge, type LocalTracker } from '../adapters/local/index.ts'
import { databaseOf, poolOf } from '../adapters/postgres/database.ts'
import { startEmbeddedPostgres } from '../adapters/postgres/embedded/index.ts'
import { listen } from '../adapters/postgres/listen.ts'
import { migrate } from '../adapters/postgres/migrate.ts'
import { createQueue } from '../adapters/postgres/queue.ts'
import { createStore } from '../adapters/postgres/store.ts'
import { createProcesses } from '../adapters/process/processes.ts'
import { createScriptedRuntime } from '../adapters/scripted/index.ts'
import { systemClock, systemIds } from '../adapters/system/clock.ts'
import { type App, createWeb } from '../web/app.ts'
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
import { projectOf, rulesOf, scheduleRulesOf } from './rules.ts'

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))
export const VERSION = '0.1.0'

export const TIMING: Timing = {
  tickMs: 1_000,
  pollMs: 2_000,
  reapMs: 5_000,
  touchMs: 8_000,
  trustMs: 33_000,
  heartbeatMs: 45_000,
  effectClaimMs: 120_000,
}

type Closer = () => unknown

export interface ComposeOptions {
  /** Read at every decision, so that a changed file is taken up while running. */
  readonly settings: () => Settings
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
  readonly person: string
  readonly warnings?: readonly string[]
  readonly timing?: Timing
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
  readonly app: App
  readonly person: string
  readonly warnings: readonly string[]
  /** Called after every commit that may have changed something. */
  subscribe(listener: () => void): () => void
  ring(): void
  /** Makes what new projects need in tracker and forge; what is there stays as it is. */
  adopt(settings: Settings): Promise<void>
  /** Resolves with a sentence when something that Orch cannot do without has ended by itself. */
  readonly broken: Promise<string>
  stop(): Promise<void>
}

/** Starts everything and resolves when it works. What was started is stopped again where a later part fails. */
export async function start(options: ComposeOptions): Promise<Running> {
  const { env, log, person } = options
  const closers: Closer[] = []
  let isEnding = false
  const stop = async () => {
    isEnding = true
    for (const close of closers.splice(0).reverse())
      await Promise.resolve(close()).catch((error: unknown) => log.warn({ error }, 'a part did not stop cleanly'))
  }
  try {
    const first = options.settings()
    const folder = dataFolder(first.data_dir, first.runs_dir)
    await prepareDataFolder(folder)
    const processes = createProcesses({ env, tmpDir: folder.tmp })
    const isolation = await chooseSandbox(options, () => processes.canSandbox())
    const settings = (): Settings => ({ ...options.settings(), sandbox: isolation.sandbox })
    const token = await ensureToken(folder.token)

    const database = await openDatabase(first, folder, options, closers)
    const pool = poolOf(database.url, {
      max: 10,
      applicationName: `orch ${process.pid}`,
      onError: (error) => isEnding || log.warn({ error: error.message }, 'a database connection was lost'),
    })
    closers.push(() => pool.end())
    const db = databaseOf(pool)
    await migrate(db)

    const local = { database: database.url, clock: systemClock, ids: systemIds }
    const tracker = createLocalTracker({ ...local, voices: VOICES })
    closers.push(() => tracker.close())
    await tracker.migrate()
    const forge = createLocalForge({
      ...local,
      dir: folder.forge,
      env,
      bot: { name: 'Orch', email: 'orch@orch.localhost' },
    })
    closers.push(() => forge.close())
    await forge.migrate()
    const adopt = async ({ projects }: Settings) => {
      for (const project of projects) {
        await tracker.ensureProject(project.id, project.key_prefix)
        await forge.createRepository(project.repo, { from: project.source ?? null, base: project.base })
      }
    }
    await adopt(first)

    const host = { ...processes.self(), name: hostname() }
    const queue = createQueue(
      database.url,
      { heartbeatSeconds: Math.ceil((options.timing ?? TIMING).heartbeatMs / 1000), monitorSeconds: 5 },
      { log, host: `${host.name}-${host.pid}` },
    )
    await queue.start()
    closers.push(() => queue.close())
    const store = createStore(db, queue)
    const bell = createBell()
    const changes = await listen(database.url, { log, onChange: () => bell.ring() })
    closers.push(() => changes.close())

    const childEnv = { PATH: env.PATH ?? '/usr/local/bin:/usr/bin:/bin', LANG: env.LANG ?? 'C.UTF-8' }
    const repositories = createRepositories({ processes, dir: folder.repositories, env })
    const workspaces = createWorkspaces({
      processes,
      repositoriesDir: folder.repositories,
      dir: folder.workspaces,
      hidden: hiddenFolders(folder, env),
      env,
    })
    const runtime = createScriptedRuntime({ processes, node: process.execPath, env: childEnv })
    const runLogs = createRunLogs(folder.runs, log)
    const rules = rulesOf(settings)
    const orch = createOrch(
      {
        store,
        queue,
        tracker,
        forge,
        repositories,
        workspaces,
        processes,
        runLogs,
        clock: systemClock,
        ids: systemIds,
        log,
      },
      {
        host,
        projects: () => settings().projects.map(({ id }) => id),
        projectOf: projectOf(settings, runtime),
        rulesOf: rules,
        scheduleRules: () => scheduleRulesOf(settings()),
        isListed: (project, { id, name }) =>
          settings().projects.some(
            (one) => one.id === project && (one.people.includes(id) || one.people.includes(name)),
          ),
        childEnv,
        tools: childEnv.PATH.split(':').filter((dir) => isAbsolute(dir) && existsSync(dir)),
        slots: first.max_concurrency,
        timing: options.timing ?? TIMING,
      },
    )

    const warnings = [...(options.warnings ?? []), ...isolation.warnings]
    const { app, sessions } = await createWeb({
      store,
      intake: orch.intake,
      runLogs,
      readFile: repositories.readFile,
      changes,
      rulesOf: rules,
      scheduleRules: () => scheduleRulesOf(settings()),
      serialGateEnabled: () => settings().serial_gate.enabled,
      access: { token, person },
      me: () => ({
        version: VERSION,
        projects: settings().projects.map(({ id, title, repo }) => ({ id, title: title ?? id, repo })),
        warnings,
      }),
      boardDir: join(PACKAGE, 'dist', 'board'),
      host: first.server.host,
      now: () => systemClock.now(),
      log,
      isReady: async () => (await store.reads.lastStoryId()) >= 0,
      ring: () => bell.ring(),
    })
    const url = await listenOn(app, first.server)
    closers.push(() => app.close())
    await announceServer(folder.server, url, process.pid)
    closers.push(() => withdrawServer(folder.server))

    const stopped = new AbortController()
    const loops = orch.run(bell, stopped.signal)
    closers.push(async () => {
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
      tracker,
      forge,
      app,
      person,
      warnings,
      subscribe: changes.subscribe,
      ring: () => bell.ring(),
      adopt,
      broken: Promise.race([database.exited, failed]),
      stop,
    }
  } catch (thrown) {
    await stop()
    throw thrown
  }
}

const VOICES = Object.fromEntries([...ROLES.map((role) => [role, `Orch ${role}`]), ['stream', 'Orch']]) as Record<
  Voice,
  string
>

/** What no agent and no check command sees: Orch's own data, and where people usually keep their secrets. */
const hiddenFolders = (folder: DataFolder, env: ComposeOptions['env']): readonly string[] => [
  folder.root,
  ...(folder.runs.startsWith(folder.root) ? [] : [folder.runs]),
  ...(env.XDG_RUNTIME_DIR ? [env.XDG_RUNTIME_DIR] : []),
  ...(env.HOME
    ? ['.ssh', '.gnupg', '.aws', '.azure', '.config', '.docker', '.kube'].map((name) => join(env.HOME as string, name))
    : []),
]

async function chooseSandbox(
  { settings, withoutSandbox }: ComposeOptions,
  canSandbox: () => Promise<{ can: true } | { can: false; why: string }>,
): Promise<{ sandbox: 'on' | 'off'; warnings: string[] }> {
  if (settings().sandbox === 'off')
    return {
      sandbox: 'off',
      warnings: ['The sandbox is off: agents and check commands run with all rights of Orch’s own user.'],
    }
  const answer = await canSandbox()
  if (answer.can) return { sandbox: 'on', warnings: [] }
  if (withoutSandbox === 'refuse') throw new UserError(answer.why)
  return { sandbox: 'off', warnings: [`The sandbox is off, because this machine cannot isolate: ${answer.why}`] }
}

async function openDatabase(
  settings: Settings,
  folder: DataFolder,
  { env, log }: ComposeOptions,
  closers: Closer[],
): Promise<{ url: string; exited: Promise<string> }> {
  if (settings.database.url !== undefined) return { url: settings.database.url, exited: new Promise(() => {}) }
  const server = await startEmbeddedPostgres({
    dataDir: folder.postgres,
    env: { ...env },
    log: (message, fields = {}) => log.debug(fields, message),
  })
  closers.push(() => server.stop())
  return server
}
