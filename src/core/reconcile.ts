/**
 * Belief against the world. Every difference becomes an ordinary event, so nothing is repaired in silence.
 * Facts of the world that could not be read are absent here, and nothing is concluded from absence alone.
 */
import type { DeadlineName, Event, Task } from './model.ts'
import type { Millis, RunId, Sha } from './words.ts'

/** What the store and the queue say of a task's live run. */
export interface BelievedRun {
  readonly run: RunId
  readonly state: 'ready' | 'admitted' | 'cancelling'
  /** The queue's word of its job; null where none was sent. */
  readonly job: 'waiting' | 'active' | 'ended' | 'missing' | null
  /** Is the process that works on it gone for certain? Undefined where this host cannot know. */
  readonly hostGone: boolean | undefined
  /** When the queue last heard of it. */
  readonly heardAt: Millis | null
}

export interface Belief {
  readonly task: Task
  readonly run: BelievedRun | null
  readonly deadlines: readonly { readonly name: DeadlineName; readonly due: Millis; readonly visit: number }[]
  /** The pull request as the forge tells it now, where it could be read. */
  readonly pr?: {
    readonly state: 'open' | 'closed' | 'merged'
    readonly headSha: Sha
    readonly merge: Sha | null
    readonly endedBy: string | null
    readonly byUs: boolean
  }
}

export interface ReconcileLimits {
  /** A cancelled run whose worker has been silent this long can no longer be alive (its own fence ended it). */
  readonly silentMs: Millis
}

export function reconcile(
  beliefs: readonly Belief[],
  limits: ReconcileLimits,
  now: Millis,
): { readonly task: Task['id']; readonly event: Event }[] {
  return beliefs.flatMap((belief) =>
    [...aboutRun(belief, limits, now), ...aboutDeadlines(belief, now), ...aboutPullRequest(belief, now)].map(
      (event) => ({ task: belief.task.id, event }),
    ),
  )
}

function aboutRun({ run }: Belief, { silentMs }: ReconcileLimits, at: Millis): Event[] {
  if (run === null || run.state === 'ready') return []
  const lost = (why: string): Event[] => [{ type: 'run-lost', at, run: run.run, why, counts: true }]
  if (run.state === 'admitted') {
    if (run.hostGone === true) return lost(`the host of run ${run.run} is gone`)
    return run.job === 'ended' || run.job === 'missing' ? lost(`the queue gave up on run ${run.run}`) : []
  }
  const silent = run.heardAt === null || at - run.heardAt > silentMs
  return run.hostGone === true || silent ? [{ type: 'run-stopped', at, run: run.run }] : []
}

const aboutDeadlines = ({ deadlines }: Belief, at: Millis): Event[] =>
  deadlines.filter(({ due }) => due <= at).map(({ name, visit }) => ({ type: 'deadline', at, name, visit }))

/** People close and merge pull requests; what we did ourselves comes back through the run that did it. */
function aboutPullRequest({ task, pr }: Belief, at: Millis): Event[] {
  if (pr === undefined || pr.byUs || task.window !== null) return []
  const by = pr.endedBy ?? 'someone'
  if (pr.state === 'merged' && pr.merge !== null && task.evidence.merge === undefined)
    return [{ type: 'pr-merged', at, by, head: pr.headSha, merge: pr.merge }]
  const isNews = pr.state === 'closed' && task.evidence.pr?.state === 'open'
  return isNews ? [{ type: 'pr-closed', at, by }] : []
}
