/** What every process of the chaos run shares: real store, real queue, real decisions; only the work itself is played. */

import { databaseOf, poolOf } from '../../src/adapters/postgres/database.ts'
import { createQueue, type PgBossQueue } from '../../src/adapters/postgres/queue.ts'
import { createStore } from '../../src/adapters/postgres/store.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import type { Effect } from '../../src/core/model.ts'
import { pipeline } from '../../src/core/pipeline.ts'
import { defaultPolicy } from '../../src/core/policy.ts'
import type { ScheduleRules } from '../../src/core/schedule.ts'
import type { Role } from '../../src/core/words.ts'
import type { EffectHandlers } from '../../src/engine/effects.ts'
import type { RulesOf } from '../../src/engine/engine.ts'
import type { Store } from '../../src/engine/ports/store.ts'
import type { Log } from '../../src/engine/ports/world.ts'

export const HEARTBEAT_S = 10
/** Below the heartbeat by more than a look's length, so that the fence is always first. */
export const TRUST_MS = 7_000
export const CAPS: { readonly total: number; readonly perRole: Partial<Record<Role, number>> } = {
  total: 4,
  perRole: { developer: 2, reviewer: 1 },
}

export const rulesOf: RulesOf = () => ({
  pipeline,
  policy: {
    ...defaultPolicy,
    approval: 'auto',
    limits: { ...defaultPolicy.limits, crashes: 500, transients: 500 },
    backoff: { baseMs: 500, maxMs: 2_000 },
  },
})
export const scheduleRules = (): ScheduleRules => ({
  caps: { ...CAPS, perProject: {} },
  serialGate: () => true,
  freeze: true,
  providerOf: () => null,
})

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** Connects, for ever trying again: a server that restarts must not end a process. */
export async function connect(url: string, name: string): Promise<{ store: Store; queue: PgBossQueue }> {
  for (;;) {
    const queue = createQueue(url, { heartbeatSeconds: HEARTBEAT_S, monitorSeconds: 3 }, { log: silent, host: name })
    try {
      await queue.start()
      const pool = poolOf(url, { max: 8, applicationName: name, onError() {} })
      return { store: createStore(databaseOf(pool), queue), queue }
    } catch {
      await queue.close().catch(() => {})
      await systemClock.sleep(500)
    }
  }
}

/** Effects that touch nothing outside; the pull request's fact is what a gate waits for. */
export const effects: EffectHandlers = {
  comment: async () => ({ sentence: 'commented' }),
  'show-status': async () => ({ sentence: 'shown' }),
  'push-branch': async (effect) => ({
    sentence: 'pushed',
    event: { type: 'observed', at: systemClock.now(), facts: { pushed: effect.sha } },
  }),
  'ensure-pr': async (effect: Extract<Effect, { type: 'ensure-pr' }>, task) => ({
    sentence: 'opened',
    event: {
      type: 'observed',
      at: systemClock.now(),
      facts: {
        pr: { number: task.number, url: '', head: task.branch, headSha: effect.sha, base: 'main', state: 'open' },
      },
    },
  }),
  'close-pr': async () => ({ sentence: 'closed' }),
  'settle-merge': async () => ({ sentence: 'settled' }),
  'delete-branch': async () => ({ sentence: 'deleted' }),
  salvage: async () => ({ sentence: 'kept' }),
  'remove-workspace': async () => ({ sentence: 'removed' }),
}
