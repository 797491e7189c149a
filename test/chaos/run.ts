/**
 * The engine's own contract: real processes, real PostgreSQL, and everything that can be killed is killed.
 * `node test/chaos/run.ts [--seconds 120]`, and then the negative control, which must be caught.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { databaseOf, poolOf } from '../../src/adapters/postgres/database.ts'
import { startEmbeddedPostgres } from '../../src/adapters/postgres/embedded/index.ts'
import { migrate } from '../../src/adapters/postgres/migrate.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { apply } from '../../src/engine/engine.ts'
import { openTask } from '../../src/engine/intake.ts'
import type { Store } from '../../src/engine/ports/store.ts'
import { type StallableProxy, startProxy } from './proxy.ts'
import { type Interval, judge, type Life, lifeOf } from './verdict.ts'
import { CAPS, connect, rulesOf } from './world.ts'

const { sleep, now } = systemClock
const REPOS = 4
const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))

interface Cluster {
  readonly dir: string
  readonly store: Store
  readonly sql: ReturnType<typeof poolOf>
  readonly hosts: { child: ChildProcess; proxy: StallableProxy; start: () => void }[]
  orchestrators: ChildProcess[]
  startOrchestrator(): ChildProcess
  killDatabase(): Promise<void>
  close(): Promise<void>
}

async function cluster(count: number, work: readonly [number, number], env: Record<string, string>): Promise<Cluster> {
  const dir = await mkdtemp(join(tmpdir(), 'orch-chaos-'))
  const out = join(dir, 'agents')
  await mkdir(out)
  const boot = () => startEmbeddedPostgres({ dataDir: join(dir, 'data'), env: process.env, log() {} })
  let server = await boot()
  const prepare = poolOf(server.url, { max: 2, applicationName: 'prepare', onError() {} })
  await migrate(databaseOf(prepare))
  await prepare.end()
  const { store, queue } = await connect(server.url, 'driver')
  const sql = poolOf(server.url, { max: 2, applicationName: 'driver', onError() {} })
  const address = server.connection
  const hosts = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const folder = join(dir, `p${n}`)
      await mkdir(folder, { mode: 0o700 })
      const socket = `.s.PGSQL.${address.port}`
      const proxy = await startProxy(join(folder, socket), join(address.host, socket))
      const url = `postgres://${address.user}@localhost:${address.port}/${address.database}?host=${encodeURIComponent(folder)}`
      const one = {
        proxy,
        child: null as unknown as ChildProcess,
        start() {
          one.child = fork(file('host.ts'), [`h${n}`, url, out, String(work[0]), String(work[1])], {
            env: { ...process.env, ...env },
            stdio: 'ignore',
          })
        },
      }
      one.start()
      return one
    }),
  )
  const startOrchestrator = () => fork(file('orchestrator.ts'), [server.url], { stdio: 'ignore' })
  const self: Cluster = {
    dir,
    store,
    sql,
    hosts,
    orchestrators: [],
    startOrchestrator,
    async killDatabase() {
      const pid = Number(
        (
          await readFile(join(dir, 'data', 'db', 'postmaster.pid'), 'utf8').catch(() =>
            readFile(join(dir, 'data', 'postmaster.pid'), 'utf8'),
          )
        ).split('\n')[0],
      )
      process.kill(pid, 'SIGKILL')
      await server.exited
      await server.stop()
      server = await boot()
    },
    async close() {
      for (const child of [...hosts.map((host) => host.child), ...self.orchestrators]) child.kill('SIGKILL')
      await Promise.all(hosts.map((host) => host.proxy.close()))
      await queue.close().catch(() => {})
      await sql.end().catch(() => {})
      await server.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
  return self
}

async function openTasks({ store }: Cluster, perRepo: number, repos: number): Promise<void> {
  for (let n = 1; n <= perRepo; n++) {
    for (let repo = 0; repo < repos; repo++) {
      const key = `R${repo}-${n}`
      const by = { id: 'ann', name: 'Ann', isBot: false }
      const item = {
        id: key,
        key,
        title: key,
        description: '',
        status: 'to-analyse',
        priority: 0,
        url: null,
        statusSince: 0,
        statusBy: by,
      } as const
      await store.transaction((tx) =>
        openTask({ clock: systemClock, repoOf: () => `r${repo}` }, tx, `r${repo}`, item, 1, 'Ann'),
      )
    }
  }
}

interface Played {
  readonly freezes: Interval[]
  readonly stops: { task: number; at: number }[]
  readonly counts: Record<string, number>
}

/** One thing after another is broken, in a fixed order, until the time is over. */
async function breakThings(world: Cluster, seconds: number): Promise<Played> {
  const played: Played = {
    freezes: [],
    stops: [],
    counts: { hosts: 0, stalls: 0, databases: 0, orchestrators: 0, freezes: 0, stops: 0 },
  }
  const plan = ['hosts', 'stops', 'stalls', 'freezes', 'hosts', 'databases', 'stops', 'orchestrators'] as const
  const until = now() + seconds * 1_000
  const pending: Promise<unknown>[] = []
  for (let step = 0; now() < until; step++) {
    await sleep(4_500)
    const what = plan[step % plan.length] as (typeof plan)[number]
    const host = world.hosts[step % world.hosts.length] as Cluster['hosts'][number]
    const repo = `r${step % REPOS}`
    played.counts[what] = (played.counts[what] ?? 0) + 1
    if (what === 'hosts') {
      host.child.kill('SIGKILL')
      pending.push(sleep(1_500).then(host.start))
    } else if (what === 'stalls') {
      host.proxy.stall()
      pending.push(sleep(18_000).then(host.proxy.heal))
    } else if (what === 'databases') await world.killDatabase()
    else if (what === 'orchestrators') {
      world.orchestrators.shift()?.kill('SIGKILL')
      world.orchestrators.push(world.startOrchestrator())
    } else if (what === 'freezes') {
      await insist(() => world.store.transaction((tx) => tx.freeze(repo, 'chaos', 'played', now())))
      const freeze = { repo, from: now(), to: Number.POSITIVE_INFINITY }
      played.freezes.push(freeze)
      const lift = async () => {
        await sleep(8_000)
        freeze.to = now()
        await insist(() =>
          world.sql.query('update orch.freeze set lifted_at = $1 where repo = $2 and lifted_at is null', [now(), repo]),
        )
      }
      pending.push(lift())
    } else {
      const tasks = await insist(() => world.store.reads.openTasks())
      const task = tasks[(step * 7) % Math.max(1, tasks.length)]
      if (task === undefined) continue
      await insist(() =>
        world.store.transaction((tx) => apply(tx, task.id, { type: 'stop', at: now(), by: 'chaos' }, rulesOf)),
      )
      played.stops.push({ task: task.id, at: now() })
    }
  }
  await Promise.all(pending)
  return played
}

async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work()
    } catch (thrown) {
      if (tries > 100) throw thrown
      await sleep(200)
    }
  }
}

async function settle({ store }: Cluster, seconds: number): Promise<void> {
  const until = now() + seconds * 1_000
  while (now() < until && (await insist(() => store.reads.openTasks())).length > 0) await sleep(500)
}

async function livesOf({ dir }: Cluster): Promise<Life[]> {
  const files = await readdir(join(dir, 'agents'))
  return (
    await Promise.all(
      files.map(async (name) => lifeOf(name, await readFile(join(dir, 'agents', name), 'utf8').catch(() => ''))),
    )
  ).filter((life) => life !== null)
}

async function verdictOf(
  world: Cluster,
  played: Played,
): Promise<{ broken: readonly string[]; lives: number; tasks: Record<string, number> }> {
  const rows = await world.store.reads.tasks({ limit: 500 })
  const story = await world.store.reads.storySince(0, 1_000_000)
  const repoOf = new Map(rows.map(({ task }) => [task.id, task.repo]))
  const merges = new Map<number, number>()
  for (const { task, story: one } of story)
    if (one.is === 'event' && one.event.type === 'run-finished' && one.event.facts.merge)
      merges.set(task, (merges.get(task) ?? 0) + 1)
  const letIn = story.flatMap(({ task, at, story: one }) =>
    one.is === 'moved' && one.from === 'queued' && one.to === 'analysis'
      ? [{ task, repo: repoOf.get(task) ?? '', at }]
      : [],
  )
  const lives = await livesOf(world)
  const unfinished = rows
    .filter(({ task }) => task.phase.is !== 'final')
    .map(({ task }) => `${task.key} (${task.stage}, ${task.phase.is})`)
  const tasks: Record<string, number> = {}
  for (const { task } of rows) tasks[task.stage] = (tasks[task.stage] ?? 0) + 1
  return {
    broken: judge(lives, {
      caps: { total: CAPS.total, perRole: CAPS.perRole as Record<string, number> },
      ...played,
      letIn,
      unfinished,
      merges,
    }),
    lives: lives.length,
    tasks,
  }
}

async function positive(seconds: number): Promise<boolean> {
  const world = await cluster(3, [300, 1_500], {})
  try {
    world.orchestrators = [world.startOrchestrator(), world.startOrchestrator()]
    await openTasks(world, Math.max(2, Math.round(seconds / 24)), REPOS)
    const played = await breakThings(world, seconds)
    await settle(world, 240)
    const { broken, lives, tasks } = await verdictOf(world, played)
    for (const line of broken.slice(0, 20)) console.error(`BROKEN: ${line}`)
    console.log(
      `chaos: ${JSON.stringify(tasks)}, ${lives} agents; killed or broken: ${JSON.stringify(played.counts)}; ${broken.length} broken promises`,
    )
    return broken.length === 0 && lives > 0
  } finally {
    await world.close()
  }
}

/** Scripted, not random: a host is cut off for longer than the heartbeat while its agent works. */
async function control(fence: 'on' | 'off'): Promise<readonly string[]> {
  const world = await cluster(2, [60_000, 60_000], { FENCE: fence })
  try {
    world.orchestrators = [world.startOrchestrator()]
    await openTasks(world, 1, 1)
    const working = async () => (await livesOf(world)).at(0)
    while ((await working()) === undefined) await sleep(200)
    const host = world.hosts[Number((await working())?.host.slice(1))] as Cluster['hosts'][number]
    host.proxy.stall()
    const until = now() + 40_000
    while (now() < until && new Set((await livesOf(world)).map((life) => life.host)).size < 2) await sleep(500)
    await sleep(1_500)
    return (await verdictOf(world, { freezes: [], stops: [], counts: {} })).broken.filter(
      (line) => !line.endsWith('never ended'),
    )
  } finally {
    await world.close()
  }
}

const asked = process.argv.indexOf('--seconds')
const seconds = asked < 0 ? 120 : Number(process.argv[asked + 1])
const held = await positive(seconds)
const withFence = await control('on')
for (const line of withFence) console.error(`BROKEN with the fence on: ${line}`)
const caught = (await control('off')).length > 0
console.log(
  `chaos: negative control (fence off, a stall longer than the heartbeat) ${caught ? 'was caught' : 'WAS NOT CAUGHT'}`,
)
const results = [held, withFence.length === 0, caught]
console.log(`${results.filter(Boolean).length} passed, ${results.filter((one) => !one).length} failed`)
process.exit(results.every(Boolean) ? 0 : 1)
