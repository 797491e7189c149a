/**
 * Who may start now: which queued tasks are let in, and which ready runs are admitted. The one place where lane,
 * freeze, caps, order and due time are decided. Pure; called inside the admission transaction and for every display.
 */
import { admits, type Breaker, probedBy } from './breaker.ts'
import type { Millis, Role, RunId, RunKind, TaskId } from './words.ts'

export interface WaitingTask {
  readonly task: TaskId
  readonly repo: string
  readonly number: number
  /** 0 (none) to 4 (urgent). */
  readonly priority: number
  /** A person said: this one next. */
  readonly next: boolean
  /** Keys of blockers that are not terminal. */
  readonly blockers: readonly string[]
}

export interface ReadyRun {
  readonly run: RunId
  readonly task: TaskId
  readonly repo: string
  readonly project: string
  readonly kind: RunKind
  readonly role: Role | null
  readonly notBefore: Millis
  readonly readyAt: Millis
  /** The task is inside the window: its runs finish what was begun, freeze or not. */
  readonly inWindow: boolean
}

export interface LiveRun {
  readonly run: RunId
  readonly task: TaskId
  readonly project: string
  readonly role: Role | null
}

export interface Caps {
  readonly total: number
  readonly perRole: Readonly<Partial<Record<Role, number>>>
  readonly perProject: Readonly<Record<string, number>>
}

export interface QueueFacts {
  readonly waiting: readonly WaitingTask[]
  /** Owners of lanes: tasks that were let in and have not left. */
  readonly lanes: readonly { readonly task: TaskId; readonly key: string; readonly repo: string }[]
  readonly ready: readonly ReadyRun[]
  readonly live: readonly LiveRun[]
  readonly frozen: Readonly<Record<string, string>>
  /** Repository → task whose window is open. */
  readonly windows: Readonly<Record<string, { readonly task: TaskId; readonly key: string }>>
  /** By provider; one that is absent has never had trouble. */
  readonly breakers: Readonly<Record<string, Breaker>>
}

export interface Schedule {
  readonly letIn: readonly TaskId[]
  readonly admit: readonly RunId[]
  /** Providers whose breaker one of the admitted runs tries, as the breaker is then. */
  readonly probes: Readonly<Record<string, Breaker>>
  /** Why each other waiting task and ready run does not start, in one sentence. */
  readonly waits: { readonly tasks: ReadonlyMap<TaskId, string>; readonly runs: ReadonlyMap<RunId, string> }
}

export interface ScheduleRules {
  readonly caps: Caps
  readonly serialGate: (repo: string) => boolean
  readonly freeze: boolean
  /** Whose answer an agent's run needs; null where nobody outside is asked. */
  readonly providerOf: (project: string, role: Role) => string | null
}

export function schedule(facts: QueueFacts, rules: ScheduleRules, now: Millis): Schedule {
  const tasks = letIn(facts, rules)
  const runs = admit(facts, rules, now)
  return {
    letIn: tasks.chosen,
    admit: runs.chosen,
    probes: runs.probes,
    waits: { tasks: tasks.waits, runs: runs.waits },
  }
}

/** Order of the waiting: next, priority, number. One whose blocker is open keeps nobody else waiting. */
export const byTurn = (a: WaitingTask, b: WaitingTask): number =>
  Number(b.next) - Number(a.next) || b.priority - a.priority || a.number - b.number || a.task - b.task

function letIn(facts: QueueFacts, rules: ScheduleRules): { chosen: TaskId[]; waits: Map<TaskId, string> } {
  const owner = new Map(facts.lanes.map((lane) => [lane.repo, lane.key]))
  const chosen: TaskId[] = []
  const waits = new Map<TaskId, string>()
  const ahead = new Map<string, number>()
  for (const waiting of [...facts.waiting].sort(byTurn)) {
    const { task, repo, blockers } = waiting
    const frozen = rules.freeze ? facts.frozen[repo] : undefined
    const before = ahead.get(repo) ?? 0
    if (blockers.length > 0) waits.set(task, `waits for ${blockers.join(', ')} to end`)
    else if (frozen !== undefined) waits.set(task, `${repo} is frozen: ${frozen}`)
    else if (rules.serialGate(repo) && (owner.has(repo) || before > 0)) {
      waits.set(
        task,
        before > 0 && !owner.has(repo)
          ? `${before} ahead of it`
          : `the lane of ${repo} belongs to ${owner.get(repo)}${before > 0 ? `, ${before} more ahead of it` : ''}`,
      )
      ahead.set(repo, before + 1)
    } else {
      chosen.push(task)
      if (rules.serialGate(repo)) owner.set(repo, `task ${task}`)
    }
  }
  return { chosen, waits }
}

function admit(
  facts: QueueFacts,
  { caps, freeze, providerOf }: ScheduleRules,
  now: Millis,
): { chosen: RunId[]; probes: Record<string, Breaker>; waits: Map<RunId, string> } {
  const live = [...facts.live]
  const windows = new Map(Object.entries(facts.windows))
  const chosen: RunId[] = []
  const probes: Record<string, Breaker> = {}
  const waits = new Map<RunId, string>()
  for (const run of [...facts.ready].sort(
    (a, b) => Number(b.inWindow) - Number(a.inWindow) || a.readyAt - b.readyAt || a.task - b.task,
  )) {
    const why = blocked(run, live, windows, freeze ? facts.frozen[run.repo] : undefined, caps, now)
    if (why !== null) {
      waits.set(run.run, why)
      continue
    }
    const provider = run.kind === 'agent' && run.role !== null ? providerOf(run.project, run.role) : null
    if (provider !== null) {
      const breaker = probes[provider] ?? facts.breakers[provider]
      const answer = admits(breaker, provider, (id) => live.some((other) => other.run === id), now)
      if (answer.is === 'no') {
        waits.set(run.run, answer.why)
        continue
      }
      if (answer.is === 'as-probe' && breaker !== undefined) probes[provider] = probedBy(breaker, run.run)
    }
    chosen.push(run.run)
    live.push(run)
    if (run.kind === 'merge') windows.set(run.repo, { task: run.task, key: `task ${run.task}` })
  }
  return { chosen, probes, waits }
}

function blocked(
  run: ReadyRun,
  live: readonly LiveRun[],
  windows: ReadonlyMap<string, { task: TaskId; key: string }>,
  frozen: string | undefined,
  caps: Caps,
  now: Millis,
): string | null {
  if (run.notBefore > now) return `waits ${Math.ceil((run.notBefore - now) / 1000)} s before its next try`
  if (live.some((other) => other.task === run.task)) return 'an earlier run of this task has not ended yet'
  if (run.kind === 'merge' && !run.inWindow) {
    if (frozen !== undefined) return `${run.repo} is frozen: ${frozen}`
    const window = windows.get(run.repo)
    if (window !== undefined && window.task !== run.task) return `${window.key} is between merge and production`
  }
  if (live.length >= caps.total) return `all ${caps.total} slots are taken`
  const ofRole = run.role === null ? undefined : caps.perRole[run.role]
  if (ofRole !== undefined && live.filter((other) => other.role === run.role).length >= ofRole)
    return `all ${ofRole} slots for the ${run.role} are taken`
  const ofProject = caps.perProject[run.project]
  if (ofProject !== undefined && live.filter((other) => other.project === run.project).length >= ofProject)
    return `all ${ofProject} slots of project ${run.project} are taken`
  return null
}
