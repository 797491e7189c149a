/**
 * One delivery of one run: begin, work, finish. The claim is shown at both ends in the same transaction that changes
 * the task, so a late or doubled worker can change nothing; between them the fence ends the work before another host
 * may get it.
 */
import { sentenceOf, TransientError, UserError } from '#core/errors.ts'
import type { Facts } from '#core/evidence.ts'
import type { Event, Failure, Task, Usage, UsedBy } from '#core/model.ts'
import type { TaskId } from '#core/words.ts'
import { apply, type RulesOf } from './engine.ts'
import { keepClaim } from './fence.ts'
import type { Claim, HostIdentity, Queue, RunAgent, RunRow, Store, Tx } from './ports/store.ts'
import type { Clock, Log } from './ports/world.ts'
import { presentable } from './presentable.ts'
import { heardOf } from './provider.ts'

/** How a run's work ended. `handed-back`: nothing had an effect, a new run is made and nothing is counted. */
export type Outcome =
  | ({ readonly is: 'finished'; readonly facts: Facts; readonly report?: string; readonly overBudget?: string } & Used)
  | ({ readonly is: 'failed'; readonly failure: Failure; readonly facts?: Facts } & Used)
  | ({ readonly is: 'asked'; readonly question: string; readonly facts: Facts } & Used)
  | { readonly is: 'handed-back'; readonly why: string }
  /** The work was ended from outside, and everything it had started is verified gone. */
  | ({ readonly is: 'stopped' } & Used)

interface Used {
  readonly usage?: Usage
  readonly agent?: RunAgent
  /** What the agent's own end was, where Orch's judgement of its work differs; for the provider's breaker. */
  readonly agentFailure?: Failure | null
}

export interface RunContext {
  readonly run: RunRow
  readonly task: Task
  readonly claim: Claim
  /** Aborted when the work must end; its reason is a StopReason. */
  readonly signal: AbortSignal
}
export type RunHandler = (context: RunContext) => Promise<Outcome>

export interface WorkerDeps {
  readonly store: Store
  readonly queue: Queue
  readonly clock: Clock
  readonly log: Log
  readonly host: HostIdentity
  readonly rulesOf: RulesOf
  readonly handlers: Readonly<Record<RunRow['kind'], RunHandler>>
  readonly fence: { readonly touchMs: number; readonly trustMs: number }
  /** Orch's own, which nothing that a run says may show. */
  readonly secrets: () => readonly string[]
  /** Ends the work of this host with `shutdown`. */
  readonly shutdown: AbortSignal
}

export const taskOf = (run: string): TaskId => Number(run.slice(0, run.lastIndexOf('.')))

/** Handles one delivery from its first to its last transaction; `cancelled` aborts when the queue cancels the job. */
export async function handleDelivery(deps: WorkerDeps, claim: Claim, cancelled: AbortSignal): Promise<void> {
  // A delivery may have been so long on its way that the queue has given the job away since: the claim is proven first.
  const proven = deps.clock.now()
  if (!(await deps.queue.touch(claim))) return
  const begun = await begin(deps, claim)
  if (begun === null) return
  const fence = keepClaim(deps, claim, cancelled, proven)
  try {
    const outcome = await attempt(deps, { ...begun, claim, signal: fence.signal })
    await finish(deps, claim, begun.run, outcome)
  } finally {
    fence.release()
  }
}

/** Marks the run as ours, or settles a delivery that nobody may work on. */
async function begin(
  { store, clock, host, rulesOf }: WorkerDeps,
  claim: Claim,
): Promise<{ run: RunRow; task: Task } | null> {
  return store.transaction(async (tx) => {
    const at = clock.now()
    const task = await tx.task(taskOf(claim.run))
    const run = await tx.run(claim.run)
    const isOurs = task !== null && run !== null && run.state === 'admitted' && run.job === claim.job
    if (!isOurs) {
      await tx.completeJob(claim)
      return null
    }
    if (run.host !== null || claim.delivery > 0) {
      if (await tx.completeJob(claim))
        await close(
          tx,
          run,
          { type: 'run-lost', at, run: run.id, why: `the host of run ${run.id} died`, counts: true, ...shownBy(run) },
          'lost',
          rulesOf,
        )
      return null
    }
    await tx.updateRun(run.id, ['admitted'], { host, startedAt: at })
    const applied = await apply(
      tx,
      task.id,
      { type: 'run-started', at, run: run.id, role: run.role, host: host.name },
      rulesOf,
    )
    return { run: { ...run, host, startedAt: at }, task: applied?.task ?? task }
  })
}

async function attempt(deps: WorkerDeps, context: RunContext): Promise<Outcome> {
  try {
    const outcome = await deps.handlers[context.run.kind](context)
    if (!context.signal.aborted || outcome.is === 'stopped') return presentable(outcome, deps.secrets())
    return { is: 'stopped', ...('usage' in outcome && outcome.usage ? { usage: outcome.usage } : {}) }
  } catch (thrown) {
    if (context.signal.aborted) return { is: 'stopped' }
    deps.log.warn({ run: context.run.id, error: thrown instanceof UserError ? thrown.message : thrown }, 'a run failed')
    return presentable({ is: 'failed', failure: failureOfThrown(thrown) }, deps.secrets())
  }
}

export const failureOfThrown = (thrown: unknown): Failure =>
  thrown instanceof TransientError
    ? {
        class: 'transient',
        code: 'infrastructure',
        sentence: sentenceOf(thrown),
        ...(thrown.retryAfterMs === undefined ? {} : { retryAfterMs: thrown.retryAfterMs }),
      }
    : { class: 'permanent', code: thrown instanceof UserError ? 'refused' : 'bug', sentence: sentenceOf(thrown) }

/** The fenced end. A void claim changes nothing; a cancelled run answers that its processes are gone. */
async function finish(deps: WorkerDeps, claim: Claim, begun: RunRow, outcome: Outcome): Promise<void> {
  const { store, clock, log, rulesOf } = deps
  await insist(deps, claim, () =>
    store.transaction(async (tx) => {
      const at = clock.now()
      await tx.task(begun.task)
      const run = await tx.run(begun.id)
      if (run?.state === 'cancelling') {
        await close(
          tx,
          run,
          { type: 'run-stopped', at, run: run.id, ...usedBy(run, outcome) },
          'cancelled',
          rulesOf,
          outcome,
        )
        return
      }
      const mayStillSpeak = run?.state === 'admitted' && run.job === claim.job && (await tx.completeJob(claim))
      if (!run || !mayStillSpeak) {
        log.info({ run: begun.id }, 'a late result was refused')
        return
      }
      await close(tx, run, eventOf(run, outcome, at), stateOf(outcome), rulesOf, outcome)
      // One that was ended from outside says nothing of its provider.
      if (outcome.is !== 'stopped' && 'agent' in outcome && outcome.agent?.provider) {
        const failure = outcome.agentFailure ?? null
        if (await heardOf(tx, run, outcome.agent.provider, failure, at))
          log.warn({ run: run.id, provider: outcome.agent.provider, why: failure?.sentence }, 'a breaker opened')
      }
    }),
  )
}

async function close(
  tx: Tx,
  run: RunRow,
  event: Event,
  state: RunRow['state'],
  rulesOf: RulesOf,
  outcome?: Outcome,
): Promise<void> {
  const extra = {
    ...(outcome && 'usage' in outcome && outcome.usage ? { usage: outcome.usage } : {}),
    ...(outcome && 'facts' in outcome && outcome.facts ? { facts: outcome.facts } : {}),
    ...(outcome && 'report' in outcome && outcome.report ? { report: outcome.report } : {}),
    ...(outcome && 'agent' in outcome && outcome.agent ? { agent: outcome.agent } : {}),
  }
  await tx.updateRun(run.id, ['admitted', 'cancelling'], {
    state,
    endedAt: event.at,
    sentence: sentenceFor(event),
    ...extra,
  })
  await apply(tx, run.task, event, rulesOf)
}

const sentenceFor = (event: Event): string | null =>
  event.type === 'run-failed'
    ? event.failure.sentence
    : event.type === 'run-lost'
      ? event.why
      : event.type === 'run-asked'
        ? event.question
        : null

function eventOf(run: RunRow, outcome: Outcome, at: number): Event {
  const base = { at, run: run.id, role: run.role }
  switch (outcome.is) {
    case 'finished':
      return {
        type: 'run-finished',
        ...base,
        facts: outcome.facts,
        ...(outcome.usage ? { usage: outcome.usage } : {}),
        ...(outcome.overBudget === undefined ? {} : { overBudget: outcome.overBudget }),
      }
    case 'failed':
      return {
        type: 'run-failed',
        ...base,
        failure: outcome.failure,
        ...(outcome.facts ? { facts: outcome.facts } : {}),
        ...(outcome.usage ? { usage: outcome.usage } : {}),
      }
    case 'asked':
      return {
        type: 'run-asked',
        ...base,
        question: outcome.question,
        facts: outcome.facts,
        ...(outcome.usage ? { usage: outcome.usage } : {}),
      }
    case 'handed-back':
      return { type: 'run-lost', at, run: run.id, why: outcome.why, counts: false }
    case 'stopped':
      return {
        type: 'run-lost',
        at,
        run: run.id,
        why: `run ${run.id} was ended with its host`,
        counts: false,
        ...usedBy(run, outcome),
      }
  }
}

const usedBy = ({ role }: RunRow, outcome: Outcome): { used?: UsedBy } =>
  role !== null && 'usage' in outcome && outcome.usage ? { used: { role, usage: outcome.usage } } : {}

/** What it had shown of its usage before its host died. */
export const shownBy = ({ role, usage }: RunRow): { used?: UsedBy } =>
  role !== null && usage !== null ? { used: { role, usage } } : {}

const stateOf = (outcome: Outcome): RunRow['state'] =>
  outcome.is === 'finished' || outcome.is === 'asked' ? 'done' : outcome.is === 'failed' ? 'failed' : 'lost'

/** A finished run is not thrown away because the database is restarting: tried again while the claim can be ours. */
async function insist(
  { clock, log, fence, queue }: WorkerDeps,
  claim: Claim,
  write: () => Promise<void>,
): Promise<void> {
  let trustedUntil = clock.now() + fence.trustMs
  for (let wait = 100; ; wait = Math.min(wait * 2, 2_000)) {
    try {
      return await write()
    } catch (thrown) {
      if (!(thrown instanceof TransientError)) throw thrown
      log.warn({ run: claim.run, error: sentenceOf(thrown) }, 'a result could not be stored yet')
      const now = clock.now()
      if (await queue.touch(claim).catch(() => false)) trustedUntil = now + fence.trustMs
      if (now > trustedUntil) return
      await clock.sleep(wait)
    }
  }
}
