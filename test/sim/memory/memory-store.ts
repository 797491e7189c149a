/** The store and the queue in memory. A transaction runs alone, on the rows themselves, and is undone where it fails. */
import { isFinalStage } from '#core/words.ts'
import type { TrackerMessage } from '#engine/intake.ts'
import type { EffectState, Reads, Store, TaskRow, Tx } from '#engine/ports/store.ts'
import type { Jobs, Ledger, StoreEnv, StoreFactory, StoreWorld } from '../store-world.ts'
import { queueFactsOf } from './queue-facts.ts'
import { Backstop, createChanges, createTables, type Job, type StoredTask, type Tables } from './tables.ts'
import { effectPart, inboxPart, runPart, taskPart } from './tx.ts'
import { spendingOf, usageOf } from './usage.ts'

export const createMemoryStore: StoreFactory = async (env) => {
  const tables = createTables()
  return {
    store: { transaction: transactionOn(tables, env), reads: readsOf(tables) },
    jobs: jobsOf(tables, env),
    ledger: ledgerOf(tables),
    async liftFreeze(repo) {
      tables.freezes.delete(repo)
      env.onCommit(new Set(['run', 'task']))
    },
    close: async () => {},
  } satisfies StoreWorld
}

function transactionOn(tables: Tables, { onCommit, onBackstop }: StoreEnv): Store['transaction'] {
  let last: Promise<unknown> = Promise.resolve()
  const alone = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    const changes = createChanges()
    const parts = [taskPart, runPart, effectPart, inboxPart].map((part) => part(tables, changes))
    try {
      const result = await work(Object.assign({}, ...parts))
      if (changes.touched.size > 0) onCommit(changes.touched)
      return result
    } catch (thrown) {
      changes.undo()
      if (thrown instanceof Backstop) onBackstop(thrown.message)
      throw thrown
    }
  }
  return (work) => {
    const mine = last.then(() => alone(work))
    last = mine.catch(() => {})
    return mine
  }
}

/** Settling and redelivery as the queue does them: a delivery is named by its number, and a later one voids it. */
function jobsOf({ jobs }: Tables, { onCommit }: StoreEnv): Jobs {
  const current = (claim: { job: string; delivery: number }): Job | null => {
    const job = jobs.get(claim.job)
    return job?.state === 'active' && job.delivery === claim.delivery ? job : null
  }
  const again = (job: Job) => {
    jobs.set(job.id, { ...job, state: 'retry', delivery: job.delivery + 1 })
    onCommit(new Set(['run']))
  }
  return {
    async fetch(now) {
      for (const job of jobs.values()) {
        if (job.state !== 'created' && job.state !== 'retry') continue
        jobs.set(job.id, { ...job, state: 'active', heardAt: now })
        return { run: job.run, job: job.id, delivery: job.delivery }
      }
      return null
    },
    async touch(claim, now) {
      const job = current(claim)
      if (job) jobs.set(job.id, { ...job, heardAt: now })
      return job !== null
    },
    async end(claim) {
      const job = current(claim)
      if (job) jobs.set(job.id, { ...job, state: 'completed' })
    },
    async fail(claim) {
      const job = current(claim)
      if (job) again(job)
    },
    async expire(before) {
      const silent = [...jobs.values()].filter((job) => job.state === 'active' && (job.heardAt ?? 0) < before)
      for (const job of silent) again(job)
      return silent.map(({ id, run, delivery }) => ({ job: id, run, delivery }))
    },
  }
}

const OPEN_JOBS: readonly Job['state'][] = ['created', 'retry', 'active']

const ledgerOf = (tables: Tables): Ledger => ({
  tasks: async () => [...tables.tasks.values()],
  runs: async () => [...tables.runs.values()],
  effects: async () => [...tables.effects.values()],
  storySince: async (id) => tables.log.slice(id),
  openMessages: async () =>
    [...tables.openInbox.values()]
      .filter(({ source }) => source.startsWith('tracker:'))
      .map(({ id, body }) => ({ id, item: (body as TrackerMessage).change.item })),
  runsWithOpenJobs: async () =>
    new Set([...tables.jobs.values()].filter(({ state }) => OPEN_JOBS.includes(state)).map(({ run }) => run)),
})

function readsOf(tables: Tables): Reads {
  const { tasks, runs, openRuns, effects, log, deadlines, freezes, jobs, fences, openInbox } = tables
  const rowOf = ({ task, itemKey, round, priority, next, createdAt, updatedAt }: StoredTask): TaskRow => {
    return { task, itemKey, round, priority, next, createdAt, updatedAt }
  }
  const open = () => [...tasks.values()].filter(({ task }) => !isFinalStage(task.stage))
  const jobOf = (id: string | null) => {
    const job = id === null ? undefined : jobs.get(id)
    if (id === null) return { jobState: null, heardAt: null }
    if (job === undefined) return { jobState: 'missing' as const, heardAt: null }
    const jobState =
      job.state === 'active' ? 'active' : job.state === 'created' || job.state === 'retry' ? 'waiting' : 'ended'
    return { jobState, heardAt: job.heardAt } as const
  }
  return {
    spending: async (query) => spendingOf(tables, query),
    usage: async (query) => usageOf(tables, query),
    breakers: async () => Object.fromEntries(tables.breakers),
    async tasks({ project, open: onlyOpen, limit, before }) {
      return [...tasks.values()]
        .filter(
          ({ task }) => (project === undefined || task.project === project) && (!onlyOpen || !isFinalStage(task.stage)),
        )
        .sort((a, b) => b.updatedAt - a.updatedAt || b.task.id - a.task.id)
        .filter(({ updatedAt, task }) => {
          if (before === undefined) return true
          return updatedAt < before.updatedAt || (updatedAt === before.updatedAt && task.id < before.id)
        })
        .slice(0, limit)
        .map(rowOf)
    },
    async taskByKey(key) {
      const row = [...tasks.values()].find(({ task }) => task.key === key)
      return row ? rowOf(row) : null
    },
    async taskRow(id) {
      const row = tasks.get(id)
      return row ? rowOf(row) : null
    },
    openTasks: async () => open().map(({ task }) => task),
    runs: async (task) => [...runs.values()].filter((run) => run.task === task),
    runById: async (id) => runs.get(id) ?? null,
    liveRuns: async () => [...openRuns.values()].map((run) => ({ ...run, ...jobOf(run.job) })),
    story: async (task, limit) => log.filter((entry) => entry.task === task).slice(-limit),
    storySince: async (id, limit) => log.slice(id, id + limit),
    lastStoryId: async () => log.length,
    queueFacts: async () => queueFactsOf(tables),
    async effectCounts(task) {
      const counts: Record<EffectState, number> = { pending: 0, started: 0, done: 0, failed: 0, skipped: 0 }
      for (const row of effects.values()) if (task === undefined || row.task === task) counts[row.state] += 1
      return counts
    },
    effectClaims: async () =>
      [...effects.values()].flatMap(({ id, state, claimedBy }) =>
        state === 'started' && claimedBy !== null ? [{ id, by: claimedBy }] : [],
      ),
    dueMessages: async (now, limit) =>
      [...openInbox.values()]
        .filter(({ source, notBefore }) => source.startsWith('tracker:') && notBefore <= now)
        .sort((a, b) => a.id - b.id)
        .slice(0, limit),
    dueDeadlines: async (now) => [...deadlines.values()].filter(({ due }) => due <= now),
    freezes: async () => [...freezes.values()].map((freeze) => ({ ...freeze, until: null })),
    windows: async () =>
      open()
        .filter(({ task }) => task.window !== null)
        .map(({ task: { repo, key } }) => ({ repo, task: key, fence: fences.get(repo) ?? 0 })),
  }
}
