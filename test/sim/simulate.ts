/**
 * One seed from beginning to end: a time of faults, a calm in which everything must come to rest, a time in which a
 * person answers everything, and the end, at which nothing may be left.
 */

import { exitsOf, type HoldReason } from '#core/holds.ts'
import type { Task } from '#core/model.ts'
import type { Sha } from '#core/words.ts'
import { createHost, type HostEnv, repoOf } from './host.ts'
import { createOnlookers, type Onlookers } from './onlookers.ts'
import { createOracle, type Oracle } from './oracle/oracle.ts'
import { checkEnd, checkRest, unrestOf } from './oracle/rest.ts'
import { isOver, type OracleEnv } from './oracle/view.ts'
import { createWitness, type Violation } from './oracle/witness.ts'
import { createActs, createPeople, isListed, type People } from './people.ts'
import { type Crowd, chooseAct } from './people-acts.ts'
import { makePlan, type Plan } from './plan.ts'
import { createRandom } from './random.ts'
import { createScheduler, START } from './scheduler.ts'
import { createSometimes, type Sometimes } from './sometimes.ts'
import type { StoreFactory } from './store-world.ts'
import { createTrace } from './trace.ts'
import type { Persona } from './worlds/agent-acts.ts'
import { createCheckouts } from './worlds/checkouts.ts'
import { createForgeWorld } from './worlds/forge-world.ts'
import { createGit } from './worlds/git.ts'
import { LONGEST_STALL_MS } from './worlds/outside.ts'
import type { Worlds } from './worlds/ports.ts'
import { createProcessWorld } from './worlds/process-world.ts'
import { createTrackerWorld } from './worlds/tracker-world.ts'

export interface Options {
  readonly storeFactory: StoreFactory
  readonly print?: (line: string) => void
  /** Shared over seeds, to add up. */
  readonly sometimes?: Sometimes
  /** For scripted runs: changes the plan that the seed made. */
  readonly adapt?: (plan: Plan) => Plan
}

export interface Result {
  readonly seed: number
  readonly steps: number
  readonly hash: string
  readonly violation: Violation | null
  readonly last: readonly string[]
}

const MINUTE = 60_000
const CALM_MS = 90 * MINUTE
const QUIET_MS = 40_000
/** Holds that no answer leads out of but STOP: CI that nobody reports, a base that a person moved by hand. */
const NO_WAY_ON: readonly HoldReason[] = ['ci-deadline', 'merge-unverified', 'foreign-merge']
/** More steps than any honest seed takes: something spins. */
const MOST_STEPS = 150_000

export async function simulate(seed: number, options: Options): Promise<Result> {
  const random = createRandom(seed)
  const made = makePlan(random.fork())
  const plan = options.adapt?.(made) ?? made
  const sometimes = options.sometimes ?? createSometimes()
  const witness = createWitness()
  let now = () => START
  const trace = createTrace(() => now(), options.print ?? null)
  const scheduler = createScheduler(random.fork(), trace.step)
  now = scheduler.now
  let isCalm = false
  let isDirty = false
  let lastCommit = START
  /** Until then a call from the time of faults may hang. */
  let lastHung = START
  let rings: ((topics: ReadonlySet<'task' | 'run' | 'effect' | 'inbox'>) => void)[] = []

  const storeWorld = await options.storeFactory({
    seed,
    onCommit(topics) {
      isDirty = true
      lastCommit = scheduler.now()
      for (const ring of rings) ring(topics)
    },
    onBackstop: (sentence) => witness.violated('a backstop held', sentence),
  })
  let oracle: Oracle | null = null
  let onlookers: Onlookers | null = null
  const git = createGit()
  const first = git.commit([], new Map([['README.md', 'one']]), 'ann', 'first').id
  const chance = random.fork()
  const faults = plan.faults
  const weatherOf = () => (isCalm ? { outsideError: 0, mergeError: 0, storeError: 0, slow: 0, stall: 0 } : faults)
  const processes = createProcessWorld({
    scheduler,
    onStart: (proc) => oracle?.programs.onStart(proc),
    onExit: (proc) => oracle?.programs.onExit(proc),
  })
  const forge = createForgeWorld(new Map(plan.projects.map(({ repo }) => [repo, first])), {
    git,
    now: scheduler.now,
    lagMs: () => (!isCalm && chance.chance(faults.pullLag) ? chance.between(500, 6_000) : 0),
    onMove: (move) => oracle?.forge.onMove(move),
  })
  const crowd = scheduler.actor('people')
  const tracker = createTrackerWorld(new Map(plan.projects.map(({ id, prefix }) => [id, prefix])), {
    now: scheduler.now,
    fate() {
      const isLate = !isCalm && chance.chance(faults.feedLate)
      const isTwice = !isCalm && chance.chance(faults.feedTwice)
      if (isLate) sometimes.saw('tracker: change told late')
      if (isTwice) sometimes.saw('tracker: change told twice')
      return { lateMs: isLate ? chance.between(100, 40_000) : 0, againMs: isTwice ? chance.between(0, 60_000) : null }
    },
    onFeed: () => {},
    wait: (ms, act) => scheduler.later(crowd, 'the feed tells something', ms, act),
  })
  const checkouts = createCheckouts(git, (label) => oracle?.programs.onRemove(label))
  const worlds: Worlds = { scheduler, git, forge, tracker, processes, checkouts, storeWorld }
  const acts = createActs()
  const env: OracleEnv = { worlds, plan, acts, sometimes, witness, protectedApprovals: new Set(), note: trace.note }
  const judge = createOracle(env)
  oracle = judge

  const personas = new Map<string, Persona>()
  const personaOf = (key: string): Persona => {
    const known = personas.get(key) ?? chance.weighted(plan.personas)
    personas.set(key, known)
    return known
  }
  const onUnexpected = (where: string, thrown: unknown) =>
    witness.violated('no unexpected error', `${where}: ${thrown instanceof Error ? thrown.stack : String(thrown)}`)
  const hostEnv: HostEnv = {
    worlds,
    plan,
    random: random.fork(),
    weather: weatherOf,
    bellLost: () => !isCalm && chance.chance(faults.bellLost),
    listener: {
      ...judge.listener,
      onUnclearMerge(head) {
        judge.listener.onUnclearMerge(head)
        onlookers?.onUnclearMerge(head)
      },
    },
    agents: {
      scheduler,
      random: random.fork(),
      processes,
      checkouts,
      sometimes,
      stageOf: (spec) => ({
        git,
        random: chance,
        trouble: isCalm ? 0 : plan.trouble,
        persona: personaOf(spec.prompt.task.key),
        workMs: isCalm ? [2_000, 20_000] : plan.workMs,
        hasDocument: spec.prompt.artefact !== null && git.get(spec.workspace.given).files.has(spec.prompt.artefact),
        base: forge.tip(
          repoOf(plan, plan.projects.find(({ prefix }) => spec.prompt.task.key.startsWith(prefix))?.id ?? ''),
          forge.base,
        ) as Sha,
      }),
    },
    sometimes,
    note: trace.note,
    isListed,
    onUnexpected,
  }
  const hosts = ['alpha', 'beta'].slice(0, plan.hosts).map((name) => createHost(name, hostEnv))
  rings = hosts.map((host) => (topics) => host.ring(topics))
  const people: People = createPeople({
    worlds,
    random: random.fork(),
    acts,
    hosts,
    sometimes,
    note: trace.note,
    onUnexpected,
  })
  const mob: Crowd = {
    worlds,
    random: random.fork(),
    acts,
    hosts,
    sometimes,
    note: trace.note,
    onUnexpected,
    plan,
    people,
    seenSubjects: new Map(),
  }
  onlookers = createOnlookers(
    mob,
    () => judge.view.tasks,
    () => isCalm,
  )
  const trouble = random.fork()

  /** Steps until the condition holds; false where time is up first. */
  const run = async (until: () => boolean | Promise<boolean>, forMs: number): Promise<boolean> => {
    const end = scheduler.now() + forMs
    while (witness.violation === null) {
      if (await until()) return true
      if (scheduler.now() > end || !(await scheduler.step())) return false
      if (scheduler.steps > MOST_STEPS)
        witness.violated('liveness', `nothing has come to an end after ${MOST_STEPS} steps`)
      if (!isDirty) continue
      isDirty = false
      const before = judge.view.tasks
      await scheduler.busy(judge.look())
      for (const [id, task] of judge.view.tasks) if (before.get(id) !== task) onlookers?.onTask(before.get(id), task)
    }
    return true
  }
  /** Quiet since a while, and nothing that could go on by itself. */
  const isAtRest = async () =>
    scheduler.now() - Math.max(lastCommit, lastHung) > QUIET_MS && (await unrestOf(env, judge.view)) === null
  const comeToRest = async (what: string) => {
    if (await run(isAtRest, CALM_MS)) return
    const why = (await unrestOf(env, judge.view)) ?? 'something is committed all the time'
    witness.violated('liveness', `${what}: not at rest after ${CALM_MS / MINUTE} minutes: ${why}`)
  }

  for (const host of hosts) host.boot()
  void actAtRandom(
    mob,
    () => isCalm,
    () => [...judge.view.tasks.values()],
  )
  void makeTrouble()
  await run(() => false, plan.chaosMs)
  isCalm = true
  lastCommit = scheduler.now()
  if (faults.stall > 0) lastHung = scheduler.now() + LONGEST_STALL_MS
  for (const repo of acts.frozen.keys()) await storeWorld.liftFreeze(repo)
  acts.frozen.clear()
  for (const host of hosts) {
    host.cut(0)
    if (host.life === null) host.boot()
  }
  await comeToRest('after the faults')
  if (witness.violation === null) await checkRest(env, judge.view)
  void answerAll(
    mob,
    () => [...judge.view.tasks.values()],
    (task, reason) => {
      if (!NO_WAY_ON.includes(reason) && !acts.touchedBranches.has(task.branch))
        witness.violated(
          'a hold has a way on',
          `${task.key} in ${task.stage} is held for ${reason} whatever is answered`,
        )
    },
  )
  const allOver = () => [...judge.view.tasks.values()].every(isOver)
  if (!(await run(allOver, CALM_MS))) {
    const left = [...judge.view.tasks.values()]
      .filter((task) => !isOver(task))
      .map(({ key, stage, phase }) => `${key} ${stage} ${phase.is}`)
    witness.violated('liveness', `after everything was answered: ${left.join(', ')}`)
  }
  await comeToRest('at the end')
  if (witness.violation === null) checkEnd(env, judge.view)
  await storeWorld.close()
  return { seed, steps: scheduler.steps, hash: trace.hash(), violation: witness.violation, last: trace.last() }

  /** Crashes, shutdowns and partitions, as often as the plan says. */
  async function makeTrouble(): Promise<void> {
    const world = scheduler.actor('world')
    const every = async (meanMs: number, what: string, act: () => void | Promise<void>) => {
      if (meanMs === 0) return
      for (;;) {
        await scheduler.sleep(world, what, trouble.between(meanMs / 4, meanMs * 2))
        if (isCalm) return
        await act()
      }
    }
    const later = (host: (typeof hosts)[number]) =>
      scheduler.later(world, `${host.name} starts again`, trouble.between(4_000, 30_000), () => {
        if (host.life === null) host.boot()
      })
    void every(faults.crashEveryMs, 'a host crashes', () => {
      const host = trouble.pick(hosts)
      host.crash(trouble.chance(faults.survive) ? trouble.between(500, 3_500) : 0)
      later(host)
    })
    void every(faults.shutdownEveryMs, 'a host is shut down', async () => {
      const host = trouble.pick(hosts)
      await host.shutDown()
      later(host)
    })
    void every(faults.cutEveryMs, 'a host is cut off', () => trouble.pick(hosts).cut(trouble.between(15_000, 100_000)))
  }
}

async function actAtRandom(crowd: Crowd, isCalm: () => boolean, tasks: () => readonly Task[]): Promise<void> {
  const { scheduler } = crowd.worlds
  const actor = scheduler.actor('people')
  for (;;) {
    await scheduler.sleep(actor, 'people act', crowd.random.between(100, crowd.plan.peopleEveryMs * 2))
    if (isCalm()) return
    await scheduler.busy(Promise.resolve(chooseAct(crowd)(crowd, tasks())))
  }
}

/** Some person looks at everything that waits, and does what the hold offers; after a few times they give up. */
async function answerAll(
  crowd: Crowd,
  tasks: () => readonly Task[],
  onGivenUp: (task: Task, reason: HoldReason) => void,
): Promise<void> {
  const { people, worlds } = crowd
  const actor = worlds.scheduler.actor('people')
  const patience = new Map<number, number>()
  for (;;) {
    await worlds.scheduler.sleep(actor, 'a person answers everything', 20_000)
    for (const task of tasks()) {
      const { phase } = task
      if (phase.is === 'waiting' && phase.on === 'approval') people.approve(task, 'blind')
      if (phase.is !== 'held') continue
      const tries = (patience.get(task.id) ?? 0) + 1
      patience.set(task.id, tries)
      const exits = exitsOf(phase.reason)
      if (tries > 6) onGivenUp(task, phase.reason)
      if (tries > 6 || exits.length === 1) people.request(task, { is: 'stop' })
      else if (phase.reason === 'deploy-failed') people.request(task, { is: 'rework', why: 'base was broken' })
      else if (exits.includes('answer')) people.request(task, { is: 'answer', text: 'the first one' })
      else if (exits.includes('approve')) people.approve(task, 'blind')
      else people.request(task, { is: 'retry' })
    }
  }
}
