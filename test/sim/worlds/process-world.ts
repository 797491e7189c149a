/** The process table of all hosts: who is alive, who is being ended, and what every check command found. */
import type { Millis, RunId, Sha } from '#core/words.ts'
import type { ProcessIdentity } from '#engine/ports/processes.ts'
import type { Actor, Scheduler } from '../scheduler.ts'

export interface Proc {
  readonly identity: ProcessIdentity
  readonly kind: 'host' | 'agent' | 'check'
  /** The life of the host that started it. */
  readonly owner: Actor
  readonly machine: string
  /** Key of the task it works for; empty for a host. */
  readonly task: string
  readonly run: RunId | null
  readonly label: string
  readonly startedAt: Millis
  alive: boolean
  isEnding: boolean
  endedAt: Millis | null
}

/** One check command that ran to its end. */
export interface Checked {
  readonly task: string
  readonly content: Sha
  readonly tree: Sha
  readonly passed: boolean
  readonly at: Millis
}

/** What a reviewer or a tester wrote, as the world saw it. */
export interface Said {
  readonly run: RunId
  readonly task: string
  readonly role: 'reviewer' | 'tester'
  readonly given: Sha
  readonly verdict: string | null
}

export interface ProcessWorld {
  readonly procs: readonly Proc[]
  readonly checks: Checked[]
  readonly sayings: Said[]
  start(spec: Pick<Proc, 'kind' | 'owner' | 'machine' | 'task' | 'run' | 'label'>): Proc
  /** `act` happens when the process is still alive then; its owner need not be. */
  after(proc: Proc, what: string, ms: Millis, act: () => void): void
  exit(proc: Proc): void
  /** The host's life is over; its children die at once or, for a fault, up to `surviveMs` later. */
  endAll(owner: Actor, surviveMs: Millis): void
  alive(): readonly Proc[]
  /** As a process of that machine sees it: those of other machines are not in its table. */
  isAlive(identity: ProcessIdentity, machine: string): boolean
}

export interface ProcessEnv {
  readonly scheduler: Scheduler
  readonly onStart: (proc: Proc) => void
  readonly onExit: (proc: Proc) => void
}

export function createProcessWorld({ scheduler, onStart, onExit }: ProcessEnv): ProcessWorld {
  const kernel = scheduler.actor('kernel')
  const procs: Proc[] = []
  const living = new Map<number, Proc>()
  const world: ProcessWorld = {
    procs,
    checks: [],
    sayings: [],
    start(spec) {
      const pid = 100 + procs.length
      const startedAt = scheduler.now()
      const identity = { bootId: `boot of ${spec.machine}`, pid, startTime: String(startedAt) }
      const proc: Proc = { ...spec, identity, startedAt, alive: true, isEnding: false, endedAt: null }
      procs.push(proc)
      living.set(pid, proc)
      onStart(proc)
      return proc
    },
    after(proc, what, ms, act) {
      scheduler.later(kernel, `${proc.kind} ${proc.identity.pid} ${what}`, ms, () => {
        if (proc.alive) act()
      })
    },
    exit(proc) {
      if (!proc.alive) return
      proc.alive = false
      proc.endedAt = scheduler.now()
      living.delete(proc.identity.pid)
      onExit(proc)
    },
    endAll(owner, surviveMs) {
      for (const proc of [...living.values()]) {
        if (proc.owner !== owner) continue
        if (proc.kind === 'host' || surviveMs === 0) world.exit(proc)
        else world.after(proc, 'follows its host', surviveMs, () => world.exit(proc))
      }
    },
    alive: () => [...living.values()],
    isAlive: ({ pid, startTime }, machine) => {
      const proc = living.get(pid)
      return proc !== undefined && proc.machine === machine && proc.identity.startTime === startTime
    },
  }
  return world
}
