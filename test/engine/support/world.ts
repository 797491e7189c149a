/** The engine's rows in memory, a clock that stands still until it is told, and a task whose first run is admitted. */
import type { ScheduleRules } from '#core/schedule.ts'
import { admit } from '#engine/admission.ts'
import { openTask } from '#engine/intake.ts'
import type { Claim, HostIdentity } from '#engine/ports/store.ts'
import type { WorkItem } from '#engine/ports/tracker.ts'
import type { Clock, Log } from '#engine/ports/world.ts'
import { rulesOf as rulesWith } from '../../core/support/tasks.ts'
import { createMemoryStore } from '../../sim/memory/memory-store.ts'
import type { StoreWorld } from '../../sim/store-world.ts'

export const MIA = { id: 'mia', name: 'Mia', isBot: false }
export const HOST: HostIdentity = { name: 'here', bootId: 'boot', pid: 7, startTime: '99' }
export const rulesOf = () => rulesWith({ approval: 'auto' })
export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }

export const itemOf = (over: Partial<WorkItem> = {}): WorkItem => ({
  id: 'item-1',
  key: 'SHOP-1',
  title: 'Add a search',
  description: '',
  status: 'to-analyse',
  priority: 0,
  url: null,
  statusSince: 1_000,
  statusBy: MIA,
  ...over,
})

export interface EngineWorld extends StoreWorld {
  readonly clock: Clock & { now(): number; pass(ms: number): void }
  /** Opens the item's next task. */
  open(round?: number, item?: WorkItem): Promise<number>
  /** Lets in and admits what may start; returns how many runs. */
  admit(): Promise<number>
  /** Lets in and admits what may start, and takes the first job from the queue. */
  claim(): Promise<Claim>
}

export async function engineWorld(rules: Partial<ScheduleRules> = {}): Promise<EngineWorld> {
  const world = await createMemoryStore({ seed: 1, onCommit() {}, onBackstop() {} })
  let now = 1_000
  let jobs = 0
  const clock = {
    now: () => now,
    // Nobody's sleep ends by itself here.
    sleep: (_: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true })),
    pass(ms: number) {
      now += ms
    },
  }
  const ids = {
    uuid() {
      jobs += 1
      return `job-${jobs}`
    },
  }
  const caps = { total: 4, perRole: {}, perProject: {} }
  const scheduleRules = () => ({ caps, serialGate: () => true, freeze: true, providerOf: () => null, ...rules })
  const admitted = async () => (await admit({ store: world.store, ids, rulesOf, scheduleRules }, now)).admitted
  return {
    ...world,
    clock,
    admit: admitted,
    async open(round = 1, item = itemOf()) {
      const { id } = await world.store.transaction((tx) =>
        openTask({ clock, repoOf: () => 'shop' }, tx, 'p', item, round, 'Mia'),
      )
      return id
    },
    async claim() {
      await admitted()
      const claim = await world.jobs.fetch(now)
      if (claim === null) throw new Error('nothing was admitted')
      return claim
    },
  }
}
