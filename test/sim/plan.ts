/** What one seed is about: the size of the world, its rules, and which faults happen in it (a swarm, not all at once). */
import { pipeline } from '#core/pipeline.ts'
import { defaultPolicy, type Policy } from '#core/policy.ts'
import type { ScheduleRules } from '#core/schedule.ts'
import type { SpendingLimits } from '#core/spending.ts'
import type { Timing } from '#engine/orch.ts'
import type { Random } from './random.ts'
import { themed } from './themes.ts'
import type { Persona } from './worlds/agent-acts.ts'

export interface PlannedProject {
  readonly id: string
  readonly repo: string
  readonly prefix: string
  readonly policy: Policy
}

/** Probabilities per call, or mean milliseconds between two of the kind (0: never). */
export interface Faults {
  readonly outsideError: number
  /** Beside that, of the forge's merge alone. */
  readonly mergeError: number
  readonly storeError: number
  readonly slow: number
  /** Calls that take longer than anybody waits. */
  readonly stall: number
  readonly feedLate: number
  readonly feedTwice: number
  readonly bellLost: number
  readonly pullLag: number
  readonly survive: number
  readonly crashEveryMs: number
  readonly shutdownEveryMs: number
  readonly cutEveryMs: number
}

export interface Plan {
  readonly hosts: number
  readonly slots: number
  readonly projects: readonly PlannedProject[]
  readonly schedule: ScheduleRules
  readonly spending: SpendingLimits
  readonly timing: Timing
  readonly faults: Faults
  readonly trouble: number
  /** How long an agent works, at least and at most. */
  readonly workMs: readonly [number, number]
  readonly personas: readonly (readonly [Persona, number])[]
  readonly items: number
  /** Mean milliseconds between two acts of people. */
  readonly peopleEveryMs: number
  /** Weight factors of groups of people's acts. */
  readonly moods: {
    readonly steer: number
    readonly forge: number
    readonly tracker: number
    readonly freeze: number
    /** Probability that somebody acts the moment a task comes to its merge. */
    readonly watch: number
  }
  readonly chaosMs: number
}

/** As the product runs, so that the margins between fence and heartbeat are the real ones. */
export const TIMING: Timing = {
  tickMs: 8_000,
  pollMs: 8_000,
  reapMs: 10_000,
  touchMs: 8_000,
  trustMs: 33_000,
  heartbeatMs: 45_000,
  effectClaimMs: 120_000,
}
export const LIMITS = { timeoutMs: 90_000, stallMs: 60_000, graceMs: 10_000 }
export const CHECK = { command: 'check', timeoutMs: 60_000 }
export const PROTECTED = ['ci/**']

export const makePlan = (random: Random): Plan => themed(broadPlan(random), random)

function broadPlan(random: Random): Plan {
  const on = (share: number, value: number) => (random.chance(share) ? value : 0)
  const withCi = random.chance(0.05)
  const names = random.chance(0.3) ? ['one', 'two'] : ['one']
  const hopeless = random.chance(0.4)
  return {
    hosts: random.chance(0.8) ? 2 : 1,
    slots: random.between(1, 4),
    projects: names.map((id, index) => ({
      id,
      repo: `r-${id}`,
      prefix: ['AB', 'CD'][index] as string,
      policy: {
        ...defaultPolicy,
        approval: random.chance(0.2) ? 'auto' : 'person',
        requiredContexts: withCi ? ['build'] : [],
        ciDeadlineMs: 60_000,
        limits: {
          attempts: random.between(1, 3),
          reworks: random.between(1, 4),
          transients: random.between(1, 6),
          crashes: random.between(1, 4),
          refreshes: random.between(1, 3),
        },
        backoff: { baseMs: 2_000, maxMs: 60_000 },
      } satisfies Policy,
    })),
    schedule: {
      caps: {
        total: random.between(1, 4),
        perRole: random.chance(0.2) ? { developer: 1 } : {},
        perProject: random.chance(0.2) ? { one: 1 } : {},
      },
      serialGate: random.chance(0.75) ? () => true : () => false,
      freeze: true,
      providerOf: () => 'somewhere',
    },
    // A run costs a cent: some tasks come to their limits.
    spending: {
      run: {},
      task: random.chance(0.2) ? random.pick([{ softUsd: 0.05, hardUsd: 0.08 }, { hardUsd: 0.085 }]) : {},
      day: {},
    },
    timing: TIMING,
    faults: {
      outsideError: on(0.6, random.pick([0.03, 0.1, 0.25])),
      mergeError: on(0.4, random.pick([0.3, 0.7])),
      storeError: on(0.4, random.pick([0.01, 0.05])),
      slow: on(0.5, random.pick([0.02, 0.1])),
      stall: on(0.2, 0.003),
      feedLate: on(0.5, 0.3),
      feedTwice: on(0.5, 0.2),
      bellLost: on(0.3, 0.5),
      pullLag: on(0.4, 0.5),
      survive: on(0.3, 0.5),
      crashEveryMs: on(0.6, random.pick([60_000, 120_000, 20_000])),
      shutdownEveryMs: on(0.25, 120_000),
      cutEveryMs: on(0.4, random.pick([60_000, 180_000])),
    },
    trouble: random.pick([0, 0.1, 0.25, 0.4]),
    workMs: [2_000, 20_000],
    personas: hopeless
      ? [
          ['ordinary', 4],
          ['overloaded', 1],
          ['careless', 1],
          ['strict-reviewer', 2],
          ['failing-tester', 1],
          ['breaker', 1],
          ['silent', 1],
        ]
      : [['ordinary', 1]],
    items: random.between(1, 3),
    peopleEveryMs: random.pick([5_000, 10_000, 20_000]),
    moods: {
      steer: random.pick([0.2, 1, 2]),
      forge: random.pick([0, 0.5, 1, 3]),
      tracker: random.pick([0, 0.5, 1.5]),
      freeze: random.chance(0.25) ? 1 : 0,
      watch: random.pick([0, 0, 0.3, 0.7]),
    },
    chaosMs: random.pick([4, 6, 9]) * 60_000,
  }
}

export const rulesFor =
  (plan: Plan) =>
  (id: string): { pipeline: typeof pipeline; policy: Policy } => {
    const project = plan.projects.find((one) => one.id === id)
    if (project === undefined) throw new Error(`there is no project ${id}`)
    return { pipeline, policy: project.policy }
  }
