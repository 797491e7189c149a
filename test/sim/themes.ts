/**
 * Where the interesting things are close together: some seeds rush tasks to their merge, some run on shaky hosts, and in
 * some people meddle with everything.
 */
import type { Plan, PlannedProject } from './plan.ts'
import type { Random } from './random.ts'

export function themed(plan: Plan, random: Random): Plan {
  return random.weighted([
    [(broad: Plan) => broad, 3],
    [(broad: Plan) => rush(broad, random), 5],
    [(broad: Plan) => shaky(broad, random), 3],
    [(broad: Plan) => meddled(broad, random), 2],
  ])(plan)
}

const withLimits = (
  { policy, ...project }: PlannedProject,
  approval: PlannedProject['policy']['approval'],
  limits: Partial<PlannedProject['policy']['limits']>,
): PlannedProject => ({
  ...project,
  policy: { ...policy, approval, requiredContexts: [], limits: { ...policy.limits, ...limits } },
})

/** Little goes wrong before the merge, and much at it: people, base, the forge, and other tasks of the repository. */
function rush(plan: Plan, random: Random): Plan {
  const isGateOff = random.chance(0.5)
  return {
    ...plan,
    slots: 4,
    projects: plan.projects.slice(0, 1).map((project) =>
      withLimits(project, random.chance(0.6) ? 'auto' : 'person', {
        attempts: 3,
        reworks: 4,
        transients: random.between(1, 6),
      }),
    ),
    schedule: {
      ...plan.schedule,
      caps: { total: 4, perRole: {}, perProject: {} },
      serialGate: isGateOff ? () => false : () => true,
    },
    faults: {
      ...plan.faults,
      outsideError: random.pick([0, 0, 0.05]),
      mergeError: random.pick([0, 0.4, 0.8]),
      storeError: random.pick([0, 0, 0.01]),
      stall: random.pick([0, 0, 0.01]),
      crashEveryMs: random.pick([0, 0, 90_000]),
      shutdownEveryMs: 0,
      cutEveryMs: 0,
    },
    trouble: 0.02,
    personas: [
      ['ordinary', 2],
      ['forgetful', 1],
    ],
    items: isGateOff ? 3 : 2,
    peopleEveryMs: 5_000,
    moods: {
      steer: 0.2,
      forge: random.pick([0, 0.3]),
      tracker: random.pick([0, 0.5]),
      freeze: random.chance(0.4) ? 0.5 : 0,
      watch: 0.8,
    },
    chaosMs: 7 * 60_000,
  }
}

/** Hosts that hang, are cut off for longer than a heartbeat, and die, while agents work for long. */
function shaky(plan: Plan, random: Random): Plan {
  return {
    ...plan,
    hosts: 2,
    slots: random.between(2, 4),
    projects: plan.projects.map((project) =>
      withLimits(project, 'auto', { crashes: random.between(3, 8), transients: 6 }),
    ),
    faults: {
      ...plan.faults,
      outsideError: random.pick([0, 0.05]),
      slow: random.pick([0, 0.2]),
      stall: random.pick([0.01, 0.05]),
      crashEveryMs: random.pick([0, 60_000]),
      cutEveryMs: random.pick([30_000, 60_000]),
    },
    trouble: random.pick([0, 0.1]),
    personas: [['ordinary', 1]],
    workMs: random.pick([
      [2_000, 20_000],
      [5_000, 85_000],
    ] as const),
    moods: { ...plan.moods, steer: random.pick([0.4, 1]), forge: random.pick([0, 0.5]) },
  }
}

/** People end pull requests, stop, send back and edit while agents work, and hosts die at it. */
function meddled(plan: Plan, random: Random): Plan {
  return {
    ...plan,
    projects: plan.projects.map((project) => withLimits(project, 'person', { reworks: 4, crashes: 4 })),
    faults: {
      ...plan.faults,
      outsideError: random.pick([0, 0, 0.05]),
      storeError: 0,
      feedLate: random.pick([0, 0.3]),
      crashEveryMs: random.pick([0, 25_000]),
    },
    trouble: random.pick([0.1, 0.3]),
    personas: [
      ['ordinary', 2],
      ['breaker', 1],
    ],
    workMs: [5_000, 40_000],
    peopleEveryMs: 3_000,
    moods: { steer: 1, forge: 2, tracker: 1.5, freeze: 0, watch: 0.5 },
    chaosMs: 7 * 60_000,
  }
}
