/** What must hold of the events, told in order: moves of the table, bounded budgets, bound approvals, one end per run. */

import { exitsOf } from '#core/holds.ts'
import type { BudgetName, Event, Task } from '#core/model.ts'
import { edges } from '#core/pipeline.ts'
import { type StageName, WORK_STAGES } from '#core/words.ts'
import { checkScope, guardedOf, isGuardKept } from './scope.ts'
import { type Commit, isOpenRun, type OracleEnv } from './view.ts'

/** What the oracle counted for one task by itself. */
interface Tale {
  stage: StageName
  event: Event | null
  counts: { crashes: number; transients: number; reworks: number; refreshes: number; attempts: number }
  granted: Record<BudgetName, number>
  heldFor: string | null
  readonly ended: Set<string>
  /** Text of the item as the task knows it. */
  text: { title: string; description: string }
  approved: string | null
  waitUntil: { run: string; at: number } | null
}

export function createStoryCheck(env: OracleEnv): (commit: Commit) => void {
  const tales = new Map<number, Tale>()
  return (commit) => {
    for (const entry of commit.story) {
      const task = commit.now.tasks.get(entry.task)
      if (task === undefined) continue
      const tale = tales.get(entry.task) ?? begin(commit.before.tasks.get(entry.task) ?? task)
      tales.set(entry.task, tale)
      const { story } = entry
      if (story.is === 'event') onEvent(env, commit, tale, story.event, task)
      if (story.is === 'moved') onMoved(env, commit, tale, story, task)
      if (story.is === 'held') {
        tale.heldFor = story.reason
        // What led to the hold was not spent: it is what the budget had no more room for.
        for (const name of ['crashes', 'transients', 'refreshes'] as const)
          if (story.reason === `${name}-spent`) tale.counts[name] -= 1
        env.sometimes.saw(`held: ${story.reason}` as never)
        if (story.sentence.trim() === '' || story.exits.join() !== exitsOf(story.reason).join())
          env.witness.violated('a hold says why and how on', `${task.key}: ${story.reason}`)
      }
      if (story.is === 'verdict' && story.verdict === 'fail') onFailed(env, story.gate)
      if (story.is === 'verdict' && story.verdict === 'pass' && story.gate === 'protected-untouched')
        if (!isGuardKept(env, task, story.sha))
          env.witness.violated('protected files want a person', `${task.key} passes with a change that nobody approved`)
    }
    checkSpending(env, commit)
  }
}

/** What may be the reason that a budget was spent. */
const SPENT_BY: { readonly [N in BudgetName]?: (event: Event) => boolean } = {
  crashes: (event) => event.type === 'run-lost' && event.counts,
  transients: (event) => event.type === 'run-failed' && event.failure.class === 'transient',
  refreshes: (event) =>
    event.type === 'retry' || (event.type === 'run-finished' && event.facts.refreshed !== undefined),
  attempts: (event) =>
    event.type !== 'run-lost' && !(event.type === 'run-failed' && event.failure.class === 'transient'),
}

function checkSpending({ witness }: OracleEnv, { before, now, story }: Commit): void {
  for (const [id, task] of now.tasks) {
    const was = before.tasks.get(id)
    if (was === undefined || was.used === task.used) continue
    for (const [name, isReason] of Object.entries(SPENT_BY) as [BudgetName, (event: Event) => boolean][]) {
      const reasons = story.filter((one) => one.task === id && one.story.is === 'event' && isReason(one.story.event))
      if (task.used[name] > was.used[name] + reasons.length)
        witness.violated('a budget is spent for its reason', `${task.key} has used ${task.used[name]} ${name}`)
    }
  }
}

const begin = (task: Task): Tale => ({
  stage: 'queued',
  event: null,
  counts: { crashes: 0, transients: 0, reworks: 0, refreshes: 0, attempts: 0 },
  granted: { crashes: 0, transients: 0, reworks: 0, refreshes: 0, attempts: 0 },
  heldFor: null,
  ended: new Set(),
  text: task.item,
  approved: null,
  waitUntil: null,
})

function onFailed({ sometimes }: OracleEnv, gate: string): void {
  if (gate === 'review-approved') sometimes.saw('review: asked for changes')
  if (gate === 'tests-passed') sometimes.saw('test: failed')
  if (gate === 'check-passes') sometimes.saw('check: failed')
}

function onEvent(env: OracleEnv, commit: Commit, tale: Tale, event: Event, task: Task): void {
  const { witness, acts, sometimes } = env
  tale.event = event
  switch (event.type) {
    case 'let-in':
      if (acts.frozen.has(task.repo)) witness.violated('a freeze lets nobody in', `${task.key} is let in`)
      break
    case 'run-started':
      if (tale.waitUntil?.run === event.run && event.at < tale.waitUntil.at)
        witness.violated('Retry-After is kept', `${event.run} starts ${tale.waitUntil.at - event.at} ms early`)
      break
    case 'run-finished':
    case 'run-failed':
    case 'run-asked':
    case 'run-lost':
    case 'run-stopped':
      onEnd(env, commit, tale, event, task)
      if (event.type === 'run-finished') checkScope(env, event, task)
      break
    case 'item-edited':
      tale.text = event.item
      break
    case 'approved':
      onApproved(env, commit, tale, event, task)
      env.protectedApprovals.add(`${task.id} ${guardedOf(env, commit.before.tasks.get(task.id) ?? task)}`)
      break
    case 'window-opened':
      onWindow(env, commit, tale, event, task)
      break
    case 'retry':
      for (const name of Object.keys(tale.granted) as BudgetName[])
        if (tale.heldFor === `${name}-spent`) tale.granted[name] += 1
      tale.counts.attempts = 0
      break
    case 'rework':
      if (event.why.includes('To Analyse')) sometimes.saw('tracker: item moved to To Analyse again in analysis')
      tale.counts.attempts = 0
      break
    case 'answered':
      tale.counts.attempts = 0
      break
    case 'pr-merged':
    case 'pr-closed':
      if (event.type === 'pr-merged') onForeignMerge(env, commit, event, task)
      tale.counts.attempts = 0
      if (
        !acts.touchedBranches.has(task.branch) &&
        env.worlds.forge.pulls(task.repo).every(({ head, endedBy }) => head !== task.branch || endedBy?.isBot !== false)
      )
        witness.violated('only people end a pull request', `${event.type} of ${task.key} is told, and nobody did it`)
      break
    case 'stop':
      if (!acts.stops.some(({ item }) => item === task.item.id))
        witness.violated('STOP is a person’s', `${task.key} is stopped by ${event.by}`)
      if (task.stop === null) witness.violated('STOP is recorded at once', `${task.key} does not know of it`)
      break
    default:
  }
  if (event.type === 'stop' && commit.before.tasks.get(task.id)?.window !== null)
    sometimes.saw('stop: recorded inside the window')
}

/** Other work than the tested was merged by a person: only a person knows what is to come of it. */
function onForeignMerge(
  { witness }: OracleEnv,
  { before, now }: Commit,
  { head }: Extract<Event, { type: 'pr-merged' }>,
  { id, key }: Task,
): void {
  const was = before.tasks.get(id)
  const is = now.tasks.get(id)
  if (was?.stage !== 'deploy' || was.lineage.includes(head) || was.window !== null || was.evidence.merge) return
  if (is?.phase.is !== 'held' || is.phase.reason !== 'foreign-merge')
    witness.violated('a merge of other work is held', `${head} was merged, and ${key} is ${is?.stage}, ${is?.phase.is}`)
}

type Ending = Extract<Event, { type: 'run-finished' | 'run-failed' | 'run-asked' | 'run-lost' | 'run-stopped' }>

/** A run ends once, only the run of the moment speaks, and what it spends is counted. */
function onEnd(
  { plan, witness, sometimes }: OracleEnv,
  { before }: Commit,
  tale: Tale,
  event: Ending,
  task: Task,
): void {
  if (tale.ended.has(event.run)) witness.violated('a run ends once', `${event.run} ends again (${event.type})`)
  tale.ended.add(event.run)
  const was = before.tasks.get(task.id)
  const row = before.runs.get(event.run)
  const spoke = was !== undefined && 'run' in was.phase && was.phase.run === event.run
  const isStopping = was?.phase.is === 'waiting' && was.phase.on === 'processes'
  if (event.type !== 'run-stopped' && ((!spoke && !isStopping) || (row && !isOpenRun(row))))
    witness.violated(
      'late word changes nothing',
      `${event.type} of ${event.run} is heard, and ${task.key} was ${was?.phase.is}, the run ${row?.state}`,
    )
  if (isStopping) return
  const limits = plan.projects.find((one) => one.id === task.project)?.policy.limits
  const count = (name: BudgetName, allowed: number) => {
    tale.counts[name] += 1
    if (limits && tale.counts[name] > limits[name] + tale.granted[name] + allowed)
      witness.violated(
        'bounded budgets',
        `${task.key} has spent ${tale.counts[name]} ${name}, ${limits[name]} and ${tale.granted[name]} more are allowed`,
      )
  }
  const isProse = 'role' in event && event.role === 'deployer'
  if (event.type === 'run-lost') {
    sometimes.saw(event.counts ? 'run: lost with its host' : 'run: handed back on shutdown')
    if (event.counts && row?.role !== 'deployer') count('crashes', 1)
  }
  if (event.type === 'run-failed' && !isProse && event.failure.class === 'transient') {
    // A refused key is nobody's overload: the provider's breaker paces its tries.
    if (event.failure.code !== 'auth') count('transients', 1)
    const { retryAfterMs } = event.failure
    tale.waitUntil = retryAfterMs === undefined ? null : { run: `${task.id}.${task.runs}`, at: event.at + retryAfterMs }
    if (tale.waitUntil?.run === event.run) tale.waitUntil = null
  } else if ((event.type === 'run-failed' || event.type === 'run-finished') && event.role !== null && !isProse)
    count('attempts', 1)
  if (event.type === 'run-finished') {
    if (event.facts.refreshed) {
      sometimes.saw('merge: base had moved and was brought in')
      if (event.facts.refreshed.content === 'code') count('refreshes', 1)
    }
    if (event.facts.conflict) sometimes.saw('merge: base had moved and conflicts')
  }
}

function onMoved(
  { plan, worlds, witness }: OracleEnv,
  { before }: Commit,
  tale: Tale,
  { from, to }: { from: StageName; to: StageName },
  task: Task,
): void {
  const { event } = tale
  const order = (stage: StageName) => (WORK_STAGES as readonly string[]).indexOf(stage)
  const isBack = order(to) >= 0 && order(to) < order(from)
  const isRefresh = from === 'deploy' && to === 'testing' && (event?.type === 'run-finished' || event?.type === 'retry')
  const isAllowed =
    edges.some((edge) => edge.from === from && edge.to === to) ||
    to === 'cancelled' ||
    (event?.type === 'rework' && order(to) >= 0 && order(to) <= order(from)) ||
    (event?.type === 'retry' && to === 'development' && tale.heldFor === 'reworks-spent') ||
    (event?.type === 'pr-merged' && to === 'deploy') ||
    isRefresh
  if (from !== tale.stage || !isAllowed)
    witness.violated(
      'only table edges',
      `${task.key} moves from ${from} (it was in ${tale.stage}) to ${to} on ${event?.type}`,
    )
  const policy = plan.projects.find((one) => one.id === task.project)?.policy
  if (from === 'analysis' && to === 'architecture' && policy?.approval === 'person')
    if (tale.approved !== subjectOf(worlds, task, tale.text))
      witness.violated('worked on is what was approved', `${task.key} goes on with an approval of another text`)
  const was = before.tasks.get(task.id)
  const cost = isRefresh ? 'refreshes' : isBack ? 'reworks' : null
  if (cost !== null && was !== undefined && task.used[cost] <= was.used[cost])
    witness.violated('going back has its price', `${task.key} goes from ${from} to ${to}, and no ${cost} are spent`)
  const limit = policy?.limits.reworks ?? 0
  if (isBack && event?.type !== 'rework' && !isRefresh) {
    tale.counts.reworks += 1
    if (tale.counts.reworks > limit + tale.granted.reworks)
      witness.violated(
        'bounded budgets',
        `${task.key} was sent back ${tale.counts.reworks} times, ${limit} are allowed`,
      )
  }
  tale.stage = to
  tale.counts.attempts = 0
  tale.heldFor = null
}

/** An approval is of what its person had before their eyes. */
function onApproved(
  { worlds, acts, witness }: OracleEnv,
  { before }: Commit,
  tale: Tale,
  event: Extract<Event, { type: 'approved' }>,
  task: Task,
): void {
  const was = before.tasks.get(task.id)
  if (was === undefined || was.phase.is === 'held') return
  const now = subjectOf(worlds, was, tale.text)
  const own = acts.approvals.filter(
    ({ item, by }) => item === task.item.id && (event.by === by || event.by.endsWith(`/${by}`)),
  )
  if (!own.some(({ seen, isBlind }) => isBlind || seen.includes(now)))
    witness.violated(
      'an approval is of what was seen',
      `${event.by} approved ${task.key} in a form that they had not seen`,
    )
  tale.approved = now
}

function subjectOf({ git }: OracleEnv['worlds'], task: Task, text: { title: string; description: string }): string {
  const head = task.lineage.at(-1)
  const analysis = head === undefined ? undefined : git.get(head).files.get(`docs/tasks/${task.key}/01-analysis.md`)
  return `${text.title}\n${text.description}\n${analysis ?? 'no analysis'}`
}

function onWindow(
  { worlds, acts, plan, witness }: OracleEnv,
  { before }: Commit,
  tale: Tale,
  event: Extract<Event, { type: 'window-opened' }>,
  task: Task,
): void {
  const was = before.tasks.get(task.id)
  if (was && !(was.phase.is === 'running' && was.phase.run === event.run))
    witness.violated('only the live run opens a window', `${event.run} opens it, and ${task.key} is ${was.phase.is}`)
  if (was?.window !== null) return
  if (acts.frozen.has(task.repo)) witness.violated('a freeze opens no window', task.key)
  if (was.stop !== null) witness.violated('no window after STOP', task.key)
  const policy = plan.projects.find((one) => one.id === task.project)?.policy
  if (policy?.approval !== 'person') return
  const subject = subjectOf(worlds, { ...was, lineage: [event.head] }, tale.text)
  if (tale.approved !== subject)
    witness.violated('merged is what was approved', `${task.key} opens its window with an approval of another text`)
}
