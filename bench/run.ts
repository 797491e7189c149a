/**
 * `npm run bench`: what Orch itself costs between two pieces of work, as ratios to a commit of the same database in the
 * same run. The work itself takes no time here; everything else is real: store, queue, decisions, admission, fence.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { databaseOf, poolOf } from '../src/adapters/postgres/database.ts'
import { startEmbeddedPostgres } from '../src/adapters/postgres/embedded/index.ts'
import { listen } from '../src/adapters/postgres/listen.ts'
import { migrate } from '../src/adapters/postgres/migrate.ts'
import { createQueue } from '../src/adapters/postgres/queue.ts'
import { createStore } from '../src/adapters/postgres/store.ts'
import { systemClock, systemIds } from '../src/adapters/system/clock.ts'
import { headOf } from '../src/core/evidence.ts'
import { admit } from '../src/engine/admission.ts'
import { deliverNext } from '../src/engine/effects.ts'
import { openTask } from '../src/engine/intake.ts'
import { createBell, loop } from '../src/engine/loop.ts'
import { handleDelivery, type Outcome, type RunContext } from '../src/engine/worker.ts'
import { played } from '../test/chaos/played.ts'
import { effects, rulesOf, scheduleRules, silent } from '../test/chaos/world.ts'
import { bareStarts, createBench, flood, gatewayWays, memoryPerAgent, quantile } from './agents.ts'

const TASKS = 8
/** Tasks whose agents are real programs, each tried three times. */
const REAL = 4
const FLOOD_BYTES = 300e6

const folder = await mkdtemp(join(tmpdir(), 'orch-bench-'))
const server = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), env: process.env, log() {} })
const pool = poolOf(server.url, { max: 10, applicationName: 'bench', onError() {} })
const db = databaseOf(pool)
await migrate(db)
const queue = createQueue(server.url, { heartbeatSeconds: 45, monitorSeconds: 5 }, { log: silent, host: 'bench' })
await queue.start()
const store = createStore(db, queue)
const bell = createBell()
const changes = await listen(server.url, { log: silent, onChange: () => bell.ring() })
const ended = new AbortController()
const host = { name: 'bench', bootId: 'bench', pid: process.pid, startTime: null }
const deps = { store, queue, ids: systemIds, clock: systemClock, log: silent, host, rulesOf, scheduleRules }

/** Moment at which each task's last piece of work ended, and the gaps until its next one began. */
const endedAt = new Map<number, number>()
const gaps: number[] = []
const work = async (context: RunContext): Promise<Outcome> => {
  const before = endedAt.get(context.task.id)
  if (before !== undefined) gaps.push(performance.now() - before)
  const outcome = played(context.run, headOf(context.task) ?? '', context.task.evidence.merge?.merge ?? null)
  endedAt.set(context.task.id, performance.now())
  return outcome
}
/** A real program, killed as soon as it has spoken. */
const bench = createBench(folder)
const claimedAt = new Map<string, number>()
const killedAt = new Map<string, number>()
const starts: number[] = []
const decisions: number[] = []
const really = async ({ run }: RunContext): Promise<Outcome> => {
  const agent = bench.runtime.start(await bench.spec(run.id))
  for await (const event of agent.events) {
    if (event.is !== 'text') continue
    starts.push(performance.now() - (claimedAt.get(run.id) ?? Number.NaN))
    process.kill(agent.process.pid, 'SIGKILL')
    killedAt.set(run.id, performance.now())
  }
  const { usage } = await agent.result
  return { is: 'failed', usage, failure: { class: 'permanent', code: 'crashed', sentence: 'it was killed' } }
}
const agents = (context: RunContext) => (context.task.project === 'agents' ? really(context) : work(context))
const handlers = { agent: agents, check: work, merge: work, deploy: work, watch: work }

const commits: number[] = []
await pool.query('create table bench_commit (id bigint generated always as identity, body text)')
const commit = async () => {
  const at = performance.now()
  await pool.query('insert into bench_commit (body) values ($1)', ['x'.repeat(1_000)])
  commits.push(performance.now() - at)
}

const loops = Promise.all([
  loop(
    { name: 'admit', everyMs: 1_000, bell, step: async () => (await admit(deps, systemClock.now())).letIn > 0 },
    deps,
    ended.signal,
  ),
  loop(
    { name: 'deliver', everyMs: 1_000, bell, step: () => deliverNext({ ...deps, handlers: effects, claimMs: 60_000 }) },
    deps,
    ended.signal,
  ),
])
await queue.work(4, async (claim, cancelled) => {
  claimedAt.set(claim.run, performance.now())
  await handleDelivery(
    { ...deps, handlers, fence: { touchMs: 8_000, trustMs: 33_000 }, shutdown: ended.signal, secrets: () => [] },
    claim,
    cancelled,
  )
  const killed = killedAt.get(claim.run)
  if (killed !== undefined) decisions.push(performance.now() - killed)
})

const by = { id: 'ann', name: 'Ann', isBot: false }
const openItem = async (n: number, project: string) => {
  const item = {
    id: `B-${n}`,
    key: `B-${n}`,
    title: 'bench',
    description: '',
    status: 'to-analyse',
    priority: 0,
    url: null,
    statusSince: 0,
    statusBy: by,
  } as const
  const repoOf = () => (project === 'agents' ? `agents-${n}` : 'bench')
  await store.transaction((tx) => openTask({ clock: systemClock, repoOf }, tx, project, item, 1, 'Ann'))
}
/** Commits meanwhile, so that both are measured under the same load. */
const whileOpen = async (isOpen: () => Promise<boolean>) => {
  const until = performance.now() + 60_000
  while ((await isOpen()) && performance.now() < until) {
    await commit()
    await systemClock.sleep(20)
  }
}
const openOf = async (project: string) =>
  (await store.reads.openTasks()).filter((task) => task.project === project && task.phase.is !== 'held')
for (let n = 1; n <= TASKS; n++) await openItem(n, 'bench')
await whileOpen(async () => (await openOf('bench')).length > 0)
const still = (await openOf('bench')).length
for (let n = 1; n <= REAL; n++) {
  await openItem(TASKS + n, 'agents')
  // One after the other: the machine's cores are not what is measured.
  await whileOpen(async () => (await openOf('agents')).length > 0)
}
ended.abort()
await loops
await queue.stop()
await changes.close()
await queue.close()
await pool.end()
await server.stop()

const bare = quantile(await bareStarts(7), 0.5)
const memory = await memoryPerAgent(bench)
const flooded = await flood(folder, FLOOD_BYTES)
const { direct, through } = await gatewayWays(folder)
await rm(folder, { recursive: true, force: true })

const perCommit = quantile(commits, 0.5)
const [p50, p95] = [quantile(gaps, 0.5), quantile(gaps, 0.95)]
const [start, decision] = [quantile(starts, 0.5), quantile(decisions, 0.5)]
const say = (what: string, figures: string) => console.log(`${what.padEnd(36)} ${figures}`)
const ms = (value: number, digits = 1) => `${value.toFixed(digits)} ms`
say('one commit', `p50 ${ms(perCommit, 2)} (n=${commits.length})`)
say(
  'work ended → next begun',
  `p50 ${ms(p50)}, p95 ${ms(p95)}, ${(p50 / perCommit).toFixed(1)} commits (n=${gaps.length})`,
)
say(
  'claim → agent’s program speaks',
  `p50 ${ms(start)}; bare ${ms(bare)}: ${(start / bare).toFixed(2)} times (n=${starts.length})`,
)
say(
  'program killed → decided',
  `p50 ${ms(decision)}, ${(decision / perCommit).toFixed(1)} commits (n=${decisions.length})`,
)
say('Orch’s memory per idle agent', `${(memory / 1e3).toFixed(0)} kB (10 agents)`)
say('endless output', `${flooded.mbPerS.toFixed(0)} MB/s taken, memory grew ${flooded.grownMb.toFixed(0)} MB`)
say(
  'gateway, a request',
  `p50 ${ms(through.p50Ms, 2)}; direct ${ms(direct.p50Ms, 2)}: +${ms(through.p50Ms - direct.p50Ms, 2)}`,
)
say(
  'gateway, a stream',
  `${through.mbPerS.toFixed(0)} MB/s; direct ${direct.mbPerS.toFixed(0)}: 1/${(direct.mbPerS / through.mbPerS).toFixed(1)}`,
)

/** Far off means that something is broken, on whatever machine; none of these is a time. */
const broken = [
  ...(still > 0 ? [`${still} of ${TASKS} tasks are not done`] : []),
  ...(starts.length < REAL * 3 ? [`only ${starts.length} of ${REAL * 3} agents began`] : []),
  ...(start / bare > 10 ? ['an agent’s program begins ten times later than without Orch'] : []),
  ...(decision / perCommit > 200 ? ['the decision after a run takes more than 200 commits'] : []),
  ...(memory > 10e6 ? ['an idle agent costs Orch more than 10 MB'] : []),
  ...(flooded.grownMb > 100 ? ['endless output makes Orch grow'] : []),
  ...(through.p50Ms / direct.p50Ms > 20 ? ['a request takes 20 times as long through the gateway'] : []),
  ...(direct.mbPerS / through.mbPerS > 50 ? ['a stream is 50 times slower through the gateway'] : []),
]
for (const one of broken) console.log(`far off: ${one}`)
console.log(
  `bench: a step costs ${(p50 / perCommit).toFixed(1)} commits, an agent’s start ${(start / bare).toFixed(2)} times the bare one, an idle agent ${(memory / 1e3).toFixed(0)} kB; ${flooded.mbPerS.toFixed(0)} MB/s of output grew memory by ${flooded.grownMb.toFixed(0)} MB; the gateway adds ${ms(through.p50Ms - direct.p50Ms, 2)}; ${broken.length === 0 ? 'nothing is far off' : `${broken.length} far off`}`,
)
process.exitCode = broken.length === 0 ? 0 : 1
