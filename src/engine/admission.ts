/**
 * Who may start, decided by the pure `schedule` under one lock for the whole cluster: tasks are let in, runs become
 * admitted, and their jobs are sent, all in one transaction. Repeating it is harmless.
 */
import { type ScheduleRules, schedule } from '#core/schedule.ts'
import type { Millis } from '#core/words.ts'
import { apply, type RulesOf } from './engine.ts'
import type { Store } from './ports/store.ts'
import type { Ids } from './ports/world.ts'

export interface AdmissionDeps {
  readonly store: Store
  readonly ids: Ids
  readonly rulesOf: RulesOf
  readonly scheduleRules: () => ScheduleRules
}

/** Lets in and admits whatever may start at `now`; returns how many of each. */
export async function admit(
  { store, ids, rulesOf, scheduleRules }: AdmissionDeps,
  now: Millis,
): Promise<{ readonly letIn: number; readonly admitted: number }> {
  return store.transaction(async (tx) => {
    await tx.lockAdmission()
    const rules = scheduleRules()
    const first = schedule(await tx.queueFacts(), rules, now)
    for (const task of first.letIn) await apply(tx, task, { type: 'let-in', at: now }, rulesOf)
    const { admit: runs, probes } = first.letIn.length > 0 ? schedule(await tx.queueFacts(), rules, now) : first
    let admitted = 0
    for (const id of runs) {
      const job = ids.uuid()
      if (!(await tx.updateRun(id, ['ready'], { state: 'admitted', job }))) continue
      const run = await tx.run(id)
      if (run === null) continue
      await tx.sendJob({ ...run, job })
      admitted += 1
    }
    for (const [provider, breaker] of Object.entries(probes)) {
      // What a run's end has said since the facts were read counts more than the wish to try.
      const current = await tx.breaker(provider)
      if (current === null || current.is === 'closed' || (current.is === 'open' && current.until > now)) continue
      await tx.setBreaker(provider, breaker, now)
    }
    return { letIn: first.letIn.length, admitted }
  })
}
