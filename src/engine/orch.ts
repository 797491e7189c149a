/**
 * Orch, put together: the steps and the loops around them. Everything it needs of the world is handed in; nothing here
 * knows whether that is a machine or a simulation, which drives the steps one by one instead of running the loops.
 */
import type { ScheduleRules } from '#core/schedule.ts'
import { admit } from './admission.ts'
import { type DelivererDeps, deliverNext } from './effects.ts'
import type { RulesOf } from './engine.ts'
import { agentRun } from './handlers/agent.ts'
import { checkRun } from './handlers/check.ts'
import { effectHandlers } from './handlers/effects.ts'
import { mergeRun } from './handlers/merge.ts'
import { applyDue, type IntakeDeps, poll } from './intake.ts'
import { type Bell, loop } from './loop.ts'
import type { Forge } from './ports/forge.ts'
import type { Processes } from './ports/processes.ts'
import type { Repositories, Workspaces } from './ports/repositories.ts'
import type { RunLogs } from './ports/run-logs.ts'
import type { Claim, HostIdentity, Queue, Store } from './ports/store.ts'
import type { Tracker } from './ports/tracker.ts'
import type { Clock, Ids, Log } from './ports/world.ts'
import type { ProjectOf } from './project.ts'
import { reap } from './reaper.ts'
import { handleDelivery, type Outcome, type WorkerDeps } from './worker.ts'

export interface World {
  readonly store: Store
  readonly queue: Queue
  readonly tracker: Tracker
  readonly forge: Forge
  readonly repositories: Repositories
  readonly workspaces: Workspaces
  readonly processes: Processes
  readonly runLogs: RunLogs
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

export interface OrchSettings {
  readonly host: HostIdentity
  readonly projects: () => readonly string[]
  readonly projectOf: ProjectOf
  readonly rulesOf: RulesOf
  readonly scheduleRules: () => ScheduleRules
  readonly isListed: IntakeDeps['isListed']
  readonly childEnv: { readonly PATH: string; readonly LANG: string }
  /** Folders of programs that check commands use. */
  readonly tools: readonly string[]
  readonly slots: number
  /** Orch's own secrets; they may stand in no commit of an agent's. */
  readonly secrets: () => readonly string[]
  readonly timing: Timing
}

/** All in milliseconds. `trustMs` must lie well below `heartbeatMs`, after which another host may get a run. */
export interface Timing {
  readonly tickMs: number
  readonly pollMs: number
  readonly reapMs: number
  readonly touchMs: number
  readonly trustMs: number
  readonly heartbeatMs: number
  readonly effectClaimMs: number
}

export interface Orch {
  readonly intake: IntakeDeps
  readonly steps: {
    admit(): Promise<boolean>
    deliver(): Promise<boolean>
    reap(): Promise<boolean>
    poll(): Promise<boolean>
    applyInbox(): Promise<boolean>
    handle(claim: Claim, cancelled: AbortSignal, shutdown: AbortSignal): Promise<void>
  }
  /** Runs every loop and the worker until `stopped`; `shutdown` ends the work of runs under way. Resolves when all is quiet. */
  run(bell: Bell, stopped: AbortSignal): Promise<void>
}

export function createOrch(world: World, settings: OrchSettings): Orch {
  const { store, queue, clock, log } = world
  const { rulesOf, projectOf, host, timing } = settings
  const intake: IntakeDeps = {
    ...world,
    rulesOf,
    isListed: settings.isListed,
    repoOf: (project) => projectOf(project).repo,
  }
  const deliverer: DelivererDeps = {
    store,
    host,
    clock,
    log,
    rulesOf,
    handlers: effectHandlers(world),
    claimMs: timing.effectClaimMs,
  }
  const author = { name: 'Orch', email: 'orch@localhost' }
  const handlers: WorkerDeps['handlers'] = {
    agent: agentRun({ ...world, projectOf, secrets: settings.secrets }),
    check: checkRun({ ...world, projectOf, env: settings.childEnv, tools: settings.tools }),
    merge: mergeRun({ ...world, rulesOf, author }),
    deploy: notYet('deploy'),
    watch: notYet('watch'),
  }
  const fence = { touchMs: timing.touchMs, trustMs: timing.trustMs }

  const steps: Orch['steps'] = {
    admit: async () =>
      (await admit({ ...world, rulesOf, scheduleRules: settings.scheduleRules }, clock.now())).letIn > 0,
    deliver: () => deliverNext(deliverer),
    reap: async () => (await reap({ ...world, host, rulesOf, silentMs: timing.heartbeatMs + 2_000 })) > 0,
    async poll() {
      let found = 0
      for (const project of settings.projects()) found += await poll(intake, project)
      return found > 0
    },
    async applyInbox() {
      return (await applyDue(intake)) > 0
    },
    handle: (claim, cancelled, shutdown) =>
      handleDelivery(
        { store, queue, clock, log, host, rulesOf, handlers, fence, shutdown, secrets: settings.secrets },
        claim,
        cancelled,
      ),
  }

  return {
    intake,
    steps,
    async run(bell, stopped) {
      // A host hands back at once what its own dead processes left, so that recovery takes no heartbeat.
      await steps.reap()
      const deps = { clock, log }
      const loops = [
        loop({ name: 'admit', step: steps.admit, everyMs: timing.tickMs, bell }, deps, stopped),
        loop({ name: 'deliver', step: steps.deliver, everyMs: timing.tickMs, bell }, deps, stopped),
        loop({ name: 'inbox', step: steps.applyInbox, everyMs: timing.tickMs, bell }, deps, stopped),
        loop({ name: 'poll', step: steps.poll, everyMs: timing.pollMs }, deps, stopped),
        loop({ name: 'reap', step: () => steps.reap().then(() => false), everyMs: timing.reapMs }, deps, stopped),
      ]
      await queue.work(settings.slots, (claim, cancelled) => steps.handle(claim, cancelled, stopped))
      await Promise.all(loops)
      await queue.stop()
    },
  }
}

/** Deploying is later work; no configuration can ask for it yet. */
const notYet = (what: string) => async (): Promise<Outcome> => {
  throw new Error(`a ${what} run was started, and nothing can carry it out yet`)
}
