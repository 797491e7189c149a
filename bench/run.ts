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

const TASKS = 8
const quantile = (values: readonly number[], q: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN

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
const handlers = { agent: work, check: work, merge: work, deploy: work, watch: work }

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
await queue.work(4, (claim, cancelled) =>
  handleDelivery(
    { ...deps, handlers, fence: { touchMs: 8_000, trustMs: 33_000 }, shutdown: ended.signal },
    claim,
    cancelled,
  ),
)

const by = { id: 'ann', name: 'Ann', isBot: false }
for (let n = 1; n <= TASKS; n++) {
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
  await store.transaction((tx) => openTask({ clock: systemClock, repoOf: () => 'bench' }, tx, 'bench', item, 1, 'Ann'))
}
const until = performance.now() + 120_000
while ((await store.reads.openTasks()).length > 0 && performance.now() < until) {
  await commit()
  await systemClock.sleep(20)
}
const open = (await store.reads.openTasks()).length
ended.abort()
await loops
await queue.stop()
await changes.close()
await queue.close()
await pool.end()
await server.stop()
await rm(folder, { recursive: true, force: true })

const perCommit = quantile(commits, 0.5)
const [p50, p95] = [quantile(gaps, 0.5), quantile(gaps, 0.95)]
console.log(`one commit              p50 ${perCommit.toFixed(2)} ms (n=${commits.length})`)
console.log(`work ended → next begun p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms (n=${gaps.length})`)
console.log(`as commits              p50 ${(p50 / perCommit).toFixed(1)}, p95 ${(p95 / perCommit).toFixed(1)}`)
console.log(
  `bench: ${TASKS - open} of ${TASKS} tasks done; a step's overhead is ${(p50 / perCommit).toFixed(1)} commits`,
)
process.exitCode = open === 0 ? 0 : 1
