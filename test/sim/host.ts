/** A simulated host: lives of the real engine one after the other, each with an identity of its own. */

import { TransientError } from '#core/errors.ts'
import type { Prompts } from '#core/prompt.ts'
import { ROLES } from '#core/words.ts'
import { createOrch, type Orch } from '#engine/orch.ts'
import type { Claim } from '#engine/ports/store.ts'
import { CHECK, LIMITS, type Plan, PROTECTED, rulesFor } from './plan.ts'
import type { Random } from './random.ts'
import type { Actor, Nap } from './scheduler.ts'
import type { Sometimes } from './sometimes.ts'
import type { Topic } from './store-world.ts'
import { type AgentsEnv, createAgents } from './worlds/agents.ts'
import { createOutside, type Outside, type Weather } from './worlds/outside.ts'
import { type Listener, portsOf, type Worlds } from './worlds/ports.ts'
import type { Proc } from './worlds/process-world.ts'

const PROMPTS = Object.fromEntries(ROLES.map((role) => [role, '{{notes}} {{item}}'])) as Prompts

export interface HostEnv {
  readonly worlds: Worlds
  readonly plan: Plan
  readonly random: Random
  readonly weather: () => Weather
  readonly bellLost: () => boolean
  readonly listener: Listener
  readonly agents: AgentsEnv
  readonly sometimes: Sometimes
  readonly note: (text: string) => void
  readonly isListed: (project: string, person: { id: string }) => boolean
  readonly onUnexpected: (where: string, thrown: unknown) => void
}

export interface SimulatedHost {
  readonly name: string
  readonly life: Life | null
  boot(): void
  /** `kill -9`: nothing is said any more, and what was on its way may still arrive. */
  crash(surviveMs: number): void
  /** SIGTERM: runs are ended and handed back, then it is gone. */
  shutDown(): Promise<void>
  /** Cut off from store and queue until then. */
  cut(ms: number): void
  ring(topics: ReadonlySet<Topic>): void
}

export interface Life {
  readonly actor: Actor
  readonly orch: Orch
  readonly working: number
}

const IDLE_MS = { admit: 8_000, deliver: 8_000, inbox: 8_000, poll: 12_000, reap: 10_000, work: 8_000, expire: 5_000 }
type LoopName = keyof typeof IDLE_MS
const WAKES: Readonly<Record<Topic, readonly LoopName[]>> = {
  task: ['admit'],
  run: ['admit', 'work'],
  effect: ['deliver'],
  inbox: ['inbox'],
}

export function createHost(name: string, env: HostEnv): SimulatedHost {
  const { worlds, random, sometimes } = env
  const { scheduler, processes } = worlds
  let lives = 0
  let life: LivingHost | null = null
  let cutUntil = 0

  const end = (surviveMs: number) => {
    if (life === null) return
    scheduler.kill(life.actor)
    processes.endAll(life.actor, surviveMs)
    life = null
  }
  return {
    name,
    get life() {
      return life
    },
    boot() {
      lives += 1
      life = startLife(`${name}${lives}`, name, env, () => Math.max(0, cutUntil - scheduler.now()))
    },
    crash(surviveMs) {
      if (life === null) return
      if (processes.alive().some((proc) => proc.owner === life?.actor && proc.kind !== 'host'))
        sometimes.saw('host: crashed with a process alive')
      life.outside.abandon()
      end(surviveMs)
    },
    async shutDown() {
      const ending = life
      if (ending === null) return
      if (ending.working > 0) sometimes.saw('host: shut down gracefully while working')
      ending.shutdown.abort()
      for (let waited = 0; waited < 30 && ending.working > 0; waited += 1)
        await scheduler.sleep(ending.actor, 'shuts down', 1_000)
      if (life === ending) end(0)
    },
    cut(ms) {
      sometimes.saw('host: cut off from the store')
      cutUntil = scheduler.now() + ms
    },
    ring(topics) {
      if (life === null) return
      const living = life
      const loops = new Set([...topics].flatMap((topic) => WAKES[topic]))
      for (const loop of loops)
        if (!env.bellLost() && random.chance(0.6)) living.naps.get(loop)?.wake(random.between(0, 1_500))
    },
  }
}

interface LivingHost extends Life {
  readonly outside: Outside
  readonly shutdown: AbortController
  readonly naps: Map<LoopName, Nap>
}

function startLife(name: string, machine: string, env: HostEnv, cutForMs: () => number): LivingHost {
  const { worlds, plan, random, weather, sometimes, note, listener } = env
  const { scheduler, processes, storeWorld } = worlds
  const actor = scheduler.actor(name)
  const self: Proc = processes.start({ kind: 'host', owner: actor, machine, task: '', run: null, label: '' })
  const outside = createOutside(actor, { scheduler, random, weather, sometimes, note, cutForMs })
  const runtime = createAgents(env.agents, actor, machine)
  const rules = rulesFor(plan)
  const orch = createOrch(portsOf(worlds, { actor, self, outside, random }, listener), {
    host: { ...self.identity, name: machine },
    projects: () => plan.projects.map(({ id }) => id),
    rulesOf: rules,
    projectOf: (id) => ({
      id,
      repo: repoOf(plan, id),
      check: CHECK,
      protectedPaths: PROTECTED,
      sandbox: 'off',
      runtime: () => runtime,
      wishes: () => [],
      limits: () => LIMITS,
      spending: plan.spending,
      prices: {},
      egress: () => [],
      house: { prompts: PROMPTS, rules: '' },
      author: (role) => ({ name: `Orch ${role}`, email: `${role}@orch.sim` }),
    }),
    scheduleRules: () => plan.schedule,
    isListed: env.isListed,
    childEnv: { PATH: '/bin', LANG: 'C' },
    tools: [],
    slots: plan.slots,
    secrets: () => [],
    timing: plan.timing,
  })
  const shutdown = new AbortController()
  const naps = new Map<LoopName, Nap>()
  let working = 0

  const quietly = async (where: string, work: () => Promise<unknown>): Promise<boolean> => {
    try {
      return (await work()) === true
    } catch (thrown) {
      if (!(thrown instanceof TransientError)) env.onUnexpected(where, thrown)
      return false
    }
  }
  const loop = async (what: LoopName, work: () => Promise<unknown>) => {
    await scheduler.sleep(actor, `${what} begins`, random.between(0, 3_000))
    while (!shutdown.signal.aborted) {
      if (await quietly(what, work)) continue
      const nap = scheduler.nap(actor, what, Math.round(IDLE_MS[what] * (0.5 + random.float())))
      naps.set(what, nap)
      await nap.ended
    }
  }
  const handle = async (claim: Claim) => {
    working += 1
    const cancelled = new AbortController()
    const heartbeat = async () => {
      while (working > 0 && !cancelled.signal.aborted) {
        await scheduler.sleep(actor, `heartbeat of ${claim.run}`, plan.timing.heartbeatMs / 4, done.signal)
        if (done.signal.aborted) return
        await quietly('heartbeat', async () => {
          const touch = () => storeWorld.jobs.touch(claim, scheduler.now())
          if (!(await outside.storeWrite(`beat ${claim.run}`, touch))) cancelled.abort()
        })
      }
    }
    const done = new AbortController()
    void heartbeat()
    try {
      await orch.steps.handle(claim, cancelled.signal, shutdown.signal)
      await quietly('end', () => outside.storeWrite('queue.end', () => storeWorld.jobs.end(claim)))
    } catch (thrown) {
      if (!(thrown instanceof TransientError)) env.onUnexpected(`run ${claim.run}`, thrown)
      await quietly('fail', () => outside.storeWrite('queue.fail', () => storeWorld.jobs.fail(claim)))
    } finally {
      done.abort()
      working -= 1
    }
  }
  const work = async (): Promise<boolean> => {
    if (working >= plan.slots) return false
    const claim = await outside.storeWrite('queue.fetch', () => storeWorld.jobs.fetch(scheduler.now()))
    if (claim !== null) void handle(claim)
    return claim !== null
  }
  const expire = () =>
    outside.storeWrite('queue.expire', async () => {
      const silent = await storeWorld.jobs.expire(scheduler.now() - plan.timing.heartbeatMs)
      for (const claim of silent) {
        sometimes.saw('run: redelivered by the queue')
        note(`${claim.run} was not heard of and is delivered again`)
      }
    })
  const live = async () => {
    await quietly('reap', () => orch.steps.reap())
    void loop('admit', orch.steps.admit)
    void loop('deliver', orch.steps.deliver)
    void loop('inbox', orch.steps.applyInbox)
    void loop('poll', orch.steps.poll)
    void loop('reap', () => orch.steps.reap().then(() => false))
    void loop('work', work)
    void loop('expire', expire)
  }
  void live()
  return {
    actor,
    orch,
    outside,
    shutdown,
    naps,
    get working() {
      return working
    },
  }
}

export const repoOf = (plan: Plan, id: string): string => plan.projects.find((one) => one.id === id)?.repo ?? id
