/**
 * Gathers what is believed and what is, hands both to the pure `reconcile`, and applies what comes of it as ordinary
 * events. A flip happens only from the state that was seen, so a run that finished meanwhile stays finished.
 */

import { sentenceOf } from '#core/errors.ts'
import type { Event, Task } from '#core/model.ts'
import { type Belief, reconcile } from '#core/reconcile.ts'
import { apply, type RulesOf } from './engine.ts'
import type { Forge } from './ports/forge.ts'
import type { Processes } from './ports/processes.ts'
import type { HostIdentity, Reads, RunRow, RunState, Store } from './ports/store.ts'
import type { Clock, Log } from './ports/world.ts'
import { shownBy } from './worker.ts'

export interface ReaperDeps {
  readonly store: Store
  readonly forge: Forge
  readonly processes: Pick<Processes, 'isAlive'>
  readonly clock: Clock
  readonly log: Log
  readonly host: HostIdentity
  readonly rulesOf: RulesOf
  readonly silentMs: number
}

type LiveRow = Awaited<ReturnType<Reads['liveRuns']>>[number]

/** One look at everything; returns how many events came of it. */
export async function reap(deps: ReaperDeps): Promise<number> {
  const { store, clock, silentMs } = deps
  const now = clock.now()
  const [tasks, live, deadlines] = await Promise.all([
    store.reads.openTasks(),
    store.reads.liveRuns(),
    store.reads.dueDeadlines(now),
  ])
  // Nothing is concluded about a ready run; it must not hide the run before it, which may still be ending.
  const rows = new Map(live.filter(({ state }) => state !== 'ready').map((row) => [row.task, row]))
  const beliefs = await Promise.all(
    tasks.map(async (task): Promise<Belief> => {
      const row = rows.get(task.id)
      const pr = await pullRequestOf(deps, task)
      return {
        task,
        run: row ? beliefOf(deps, row) : null,
        deadlines: deadlines.filter((deadline) => deadline.task === task.id),
        ...(pr === null ? {} : { pr }),
      }
    }),
  )
  const found = reconcile(beliefs, { silentMs }, now)
  for (const { task, event } of found) await settle(deps, task, event)
  return found.length + (await releaseEffects(deps))
}

function beliefOf({ processes, host }: ReaperDeps, row: LiveRow): NonNullable<Belief['run']> {
  const isHere = row.host !== null && row.host.name === host.name
  // Only a process of this machine can be judged from here; a foreign host is judged by the queue's heartbeat.
  const hostGone = isHere && row.host !== null ? !processes.isAlive(row.host) : undefined
  return {
    run: row.id,
    state: row.state as 'ready' | 'admitted' | 'cancelling',
    job: row.jobState,
    hostGone,
    heardAt: row.heardAt,
  }
}

/** An effect that a dead process of this machine was delivering is settled at once, not when its claim runs out. */
async function releaseEffects({ store, processes, host }: ReaperDeps): Promise<number> {
  const claims = await store.reads.effectClaims()
  const dead = claims.filter(({ by }) => by.name === host.name && !processes.isAlive(by))
  for (const { id, by } of dead) await store.transaction((tx) => tx.releaseEffect(id, by))
  return dead.length
}

/** Only where a person's act would matter; a forge that cannot be read says nothing. */
async function pullRequestOf({ forge, log }: ReaperDeps, task: Task): Promise<NonNullable<Belief['pr']> | null> {
  const number = task.evidence.pr?.number
  if (number === undefined || task.window !== null || task.evidence.merge !== undefined) return null
  try {
    const pr = await forge.pullRequest(task.repo, number)
    return pr === null
      ? null
      : {
          state: pr.state,
          headSha: pr.headSha,
          merge: pr.merge,
          endedBy: pr.endedBy?.name ?? null,
          byUs: pr.endedBy?.isBot ?? false,
        }
  } catch (thrown) {
    log.warn({ task: task.key, error: sentenceOf(thrown) }, 'a pull request could not be read')
    return null
  }
}

async function settle({ store, rulesOf }: ReaperDeps, id: Task['id'], event: Event): Promise<void> {
  await store.transaction(async (tx) => {
    const task = await tx.task(id)
    if (task === null) return
    if (event.type === 'deadline') await tx.clearDeadline({ task: id, name: event.name, due: 0, visit: event.visit })
    const run = 'run' in event ? await tx.run(event.run) : null
    if ('run' in event && !(await flip(tx, event))) return
    const used = run !== null && (event.type === 'run-lost' || event.type === 'run-stopped') ? shownBy(run) : {}
    await apply(tx, id, { ...event, ...used } as Event, rulesOf)
  })
}

const FROM: Readonly<Record<string, readonly RunState[]>> = { 'run-lost': ['admitted'], 'run-stopped': ['cancelling'] }

async function flip(
  tx: Parameters<Parameters<Store['transaction']>[0]>[0],
  event: Event & { run: string },
): Promise<boolean> {
  const from = FROM[event.type]
  if (from === undefined) return true
  const run: RunRow | null = await tx.run(event.run)
  const flipped = await tx.updateRun(event.run, from, {
    state: event.type === 'run-lost' ? 'lost' : 'cancelled',
    endedAt: event.at,
    sentence: event.type === 'run-lost' ? event.why : 'its processes are gone',
  })
  if (flipped && run?.job) await tx.cancelJob(run.job)
  return flipped
}
