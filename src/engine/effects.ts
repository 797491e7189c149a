/**
 * The outbox's deliverer. Effects of a task go out in order; each has an intent before and an outcome after. A crash in
 * between leaves the intent, and the next delivery settles it: every effect is an `ensure`, which reads the world first.
 */
import { outlivesStop } from '#core/decide/end.ts'
import { sentenceOf, TransientError, UserError } from '#core/errors.ts'
import type { Effect, Event, Task } from '#core/model.ts'
import { backoffMs } from '#core/retry.ts'
import type { TaskId } from '#core/words.ts'
import { apply, type RulesOf } from './engine.ts'
import type { EffectRow, HostIdentity, Store, Tx } from './ports/store.ts'
import type { Clock, Log } from './ports/world.ts'

/** What an effect found or made: the sentence of its outcome, and facts that gates may wait for. */
export interface Delivered {
  readonly sentence: string
  readonly event?: Event
}
export type EffectHandler<T extends Effect = Effect> = (effect: T, task: Task) => Promise<Delivered>
export type EffectHandlers = { readonly [T in Effect['type']]: EffectHandler<Extract<Effect, { type: T }>> }

export interface DelivererDeps {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly rulesOf: RulesOf
  readonly host: HostIdentity
  readonly handlers: EffectHandlers
  /** How long one delivery may take before another host may settle it; longer than any call's own time-out. */
  readonly claimMs: number
}

/** Delivers the next due effect (of `task`, where given). False when there is none. */
export async function deliverNext(deps: DelivererDeps, task?: TaskId): Promise<boolean> {
  const { store, clock, handlers } = deps
  const now = clock.now()
  const claimed = await store.transaction(async (tx) => {
    const row = await tx.claimEffect({
      by: deps.host,
      now,
      until: now + deps.claimMs,
      ...(task === undefined ? {} : { task }),
    })
    if (row === null) return null
    const its = await tx.task(row.task)
    const found = its !== null && (await isOutOfDate(tx, row, its)) ? null : its
    const owner = found !== null && outlivesStop(found, row.effect) ? found : null
    if (owner === null) {
      const sentence = found === null ? 'out of date' : 'the task was stopped'
      await tx.settleEffect(row, { state: 'skipped', sentence, notBefore: now, at: now })
    }
    return { row, owner }
  })
  if (claimed === null) return false
  if (claimed.owner === null) return true
  const { row, owner } = claimed
  let delivered: Delivered
  try {
    const handle = handlers[row.effect.type] as EffectHandler
    delivered = await handle(row.effect, owner)
  } catch (thrown) {
    await fail(deps, row, thrown)
    return true
  }
  try {
    await settle(deps, row, delivered)
  } catch (thrown) {
    // It may be settled all the same. If it is not, the next delivery reads the world and settles it.
    await store.transaction((tx) => tx.releaseEffect(row.id, deps.host))
    throw thrown
  }
  return true
}

/** A status is shown only while none came after it, of its task or of a later task of the same work item. */
async function isOutOfDate(tx: Tx, row: EffectRow, { id, project, item }: Task): Promise<boolean> {
  if (row.effect.type !== 'show-status') return false
  return (await tx.hasLaterStatus(row)) || (await tx.newestTaskOf(project, item.id))?.task.id !== id
}

async function settle(
  { store, clock, log, rulesOf }: DelivererDeps,
  row: EffectRow,
  delivered: Delivered,
): Promise<void> {
  await store.transaction(async (tx) => {
    const at = clock.now()
    await tx.task(row.task)
    const { sentence } = delivered
    if (!(await tx.settleEffect(row, { state: 'done', sentence, notBefore: at, at }))) return refuseLate(log, row)
    await tx.appendLog(row.task, { is: 'effect', effect: row.effect, outcome: delivered.sentence }, at)
    if (delivered.event) await apply(tx, row.task, delivered.event, rulesOf)
  })
}

/** It took longer than its claim: what it found is old, and who has the effect now reads the world anew. */
const refuseLate = (log: Log, { task, effect }: EffectRow): void =>
  log.warn({ task, effect: effect.type }, 'the late outcome of an effect was refused')

/** A refusal is final and told; anything else is tried again, for ever, ever more slowly. */
async function fail({ store, clock, log, rulesOf }: DelivererDeps, row: EffectRow, thrown: unknown): Promise<void> {
  const isFinal = thrown instanceof UserError
  const sentence = sentenceOf(thrown)
  const retryAfterMs = thrown instanceof TransientError ? thrown.retryAfterMs : undefined
  log.warn(
    {
      task: row.task,
      effect: row.effect.type,
      tries: row.tries,
      error: isFinal || thrown instanceof TransientError ? sentence : thrown,
    },
    'an effect failed',
  )
  await store.transaction(async (tx) => {
    const at = clock.now()
    await tx.task(row.task)
    const wait = backoffMs(row.tries, { backoff: { baseMs: 1_000, maxMs: 5 * 60_000 } }, retryAfterMs)
    const state = isFinal ? 'failed' : 'pending'
    if (!(await tx.settleEffect(row, { state, sentence, notBefore: at + wait, at }))) return refuseLate(log, row)
    if (isFinal) await apply(tx, row.task, { type: 'effect-failed', at, effect: row.effect.type, sentence }, rulesOf)
  })
}
