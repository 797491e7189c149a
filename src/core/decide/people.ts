/** What people order: approve, rework, retry, answer. Each is done or refused with a sentence; nothing is half done. */
import { approvalSubject, headOf } from '../evidence.ts'
import { exitsOf, HOLDS, type HoldExit, type HoldReason } from '../holds.ts'
import * as say from '../messages.ts'
import type { BudgetName, Decision, Event, Task } from '../model.ts'
import { allows, grant, spend } from '../retry.ts'
import { isWorkStage, WORK_STAGES, type WorkStage } from '../words.ts'
import { approve, judge, moveBack, stageOf, startStep, visit } from './advance.ts'
import { comment, decided, note, type Rules, refuse, show, then } from './parts.ts'

type Of<T extends Event['type']> = Extract<Event, { type: T }>
type Held = Extract<Task['phase'], { is: 'held' }>

/** What a person must have seen to approve: the analysis as it is, or on hold the protected change as it is. */
export const shownSubject = (task: Task): string | null => {
  if (task.phase.is === 'waiting' && task.phase.on === 'approval') return approvalSubject(task)
  return task.phase.is === 'held' && exitsOf(task.phase.reason).includes('approve') ? (task.phase.shown ?? null) : null
}

export function approved(task: Task, event: Of<'approved'>, rules: Rules): Decision {
  const subject = shownSubject(task)
  if (subject === null) return refuse(task, `${task.key} does not wait for an approval (${describe(task)}).`)
  if (event.subject !== undefined && event.subject !== subject)
    return refuse(task, `${task.key} has changed since you looked at it; look at it again and approve what it is now.`)
  if (event.subject === undefined && event.said !== undefined && event.said < task.phase.since)
    return refuse(task, `${task.key} has changed since you wrote that; look at it again and approve what it is now.`)
  if (task.phase.is === 'held') {
    const known: Task = {
      ...task,
      evidence: { ...task.evidence, protectedApproval: { diffDigest: subject, by: event.by } },
    }
    return then(decided(known, show(known, known.stage, event.at)), (t) => judge(t, rules, event.at))
  }
  const known = approve(task, event.by, event.at)
  const told = decided(
    known,
    comment(task, `approved:${event.at}`, 'stream', say.approvedBy(task, event.by)),
    show(known, known.stage, event.at),
  )
  return then(told, (t) => (isApprovalStep(t, rules) ? judge(t, rules, event.at) : startStep(t, rules, event.at)))
}

const isApprovalStep = (task: Task, rules: Rules): boolean =>
  stageOf(task, rules).steps[task.step]?.work.kind === 'approval'

export function reworkAsked(task: Task, event: Of<'rework'>, rules: Rules): Decision {
  const waits = task.phase.is === 'waiting' && task.phase.on === 'approval'
  if (!waits && !offers(task, 'rework')) return refuse(task, `${task.key} cannot be sent back now (${describe(task)}).`)
  const to = event.to ?? (waits ? 'analysis' : reworkTarget(task, rules))
  if (!isWorkStage(to) || WORK_STAGES.indexOf(to) > WORK_STAGES.indexOf(task.stage as WorkStage))
    return refuse(
      task,
      `${task.key} is in ${task.stage} and can only be sent back to it or an earlier stage, not to ${to}.`,
    )
  const allowed = allows(task, rules.policy, 'reworks')
    ? spend(task, 'reworks')
    : spend(grant(task, 'reworks'), 'reworks')
  return moveBack(allowed, to, [`${event.by}: ${event.why}`], rules, event.at)
}

const reworkTarget = (task: Task, rules: Rules): WorkStage => stageOf(task, rules).onFail

/** One more of whatever was used up; then the step again, or its gates where the world may have changed. */
export function retried(task: Task, event: Of<'retry'>, rules: Rules): Decision {
  if (task.phase.is !== 'held' || !offers(task, 'retry'))
    return refuse(task, `${task.key} is not on a hold that \`retry\` leads out of (${describe(task)}).`)
  const { phase } = task
  const { reason } = phase
  const granted = BUDGET_OF[reason] ? grant(task, BUDGET_OF[reason]) : task
  const reentered: Task = {
    ...granted,
    lane: true,
    evidence: forget(granted, reason),
    allowances: granted.allowances + (SPENDING.includes(reason) ? 1 : 0),
    agent: event.wish === undefined ? granted.agent : { ...granted.agent, once: event.wish },
  }
  return then(decided(reentered, show(reentered, reentered.stage, event.at)), (t) => goOn(t, phase, rules, event))
}

const BUDGET_OF: Readonly<Partial<Record<HoldReason, BudgetName>>> = {
  'attempts-spent': 'attempts',
  'reworks-spent': 'reworks',
  'transients-spent': 'transients',
  'crashes-spent': 'crashes',
  'refreshes-spent': 'refreshes',
}

const SPENDING: readonly HoldReason[] = ['budget-soft', 'budget-spent']

/** `held` is the hold that ends; its sentence is what the next run must know. */
function goOn(task: Task, { reason, sentence }: Held, rules: Rules, event: Of<'retry'>): Decision {
  if (reason === 'reworks-spent') {
    const why = [sentence, `${event.by} granted one more rework`]
    return moveBack(spend(task, 'reworks'), 'development', why, rules, event.at)
  }
  if (reason === 'refreshes-spent') {
    const to = stageOf(task, rules).onBaseMoved ?? task.stage
    return visit(spend(task, 'refreshes'), to, `${event.by} granted one more refresh of base`, rules, event.at)
  }
  if (reason === 'budget-soft' || (GATES_AGAIN.includes(reason) && hasSpoken(task)))
    return judge({ ...task, phase: { is: 'gated', since: event.at, on: 'retry' } }, rules, event.at)
  if (reason !== 'attempts-spent') return startStep(task, rules, event.at)
  const step = stageOf(task, rules).onFail === task.stage ? 0 : task.step
  return startStep({ ...task, step, notes: [...task.notes, sentence] }, rules, event.at)
}

/** Holds that something outside the run has caused: its gates are judged anew. */
const GATES_AGAIN: readonly HoldReason[] = ['no-pull-request', 'pull-request-closed', 'ci-deadline']

/** Did the last run end with a result, so that only its gates are left? Otherwise its work is still to be done. */
function hasSpoken({ id, runs, evidence: { change, check } }: Task): boolean {
  const last = `${id}.${runs}`
  return change?.run === last || check?.run === last
}

/** A closed pull request is looked at anew; the record of the closed one must not answer for it. */
function forget(task: Task, reason: HoldReason): Task['evidence'] {
  if (reason !== 'pull-request-closed' && reason !== 'no-pull-request') return task.evidence
  const { pr: _pr, ...rest } = task.evidence
  return rest
}

/** For this task's runs from the next on; what is empty is unset. */
export function agentSet(task: Task, event: Of<'agent-set'>): Decision {
  const wish = { ...task.agent.wish, ...event.wish }
  const words = (['model', 'effort', 'fallback'] as const).flatMap((part) =>
    wish[part] ? [`${part} ${wish[part]}`] : [],
  )
  return decided(
    { ...task, agent: { ...task.agent, wish } },
    note(`${event.by} set for this task: ${words.join(', ') || 'nothing of its own'}`),
  )
}

export function answered(task: Task, event: Of<'answered'>, rules: Rules): Decision {
  if (!offers(task, 'answer')) return refuse(task, `${task.key} has not asked anything (${describe(task)}).`)
  // A fresh conversation knows nothing of what was asked in the one before.
  const asked = task.phase.is === 'held' ? [`You asked: ${task.phase.sentence}`] : []
  const known: Task = { ...task, notes: [...task.notes, ...asked, `${event.by} answers: ${event.text}`] }
  return then(decided(known, show(known, known.stage, event.at)), (t) => startStep(t, rules, event.at))
}

export const offers = (task: Task, exit: HoldExit): boolean =>
  task.phase.is === 'held' && exitsOf(task.phase.reason).includes(exit)

/** Where a task is, for a sentence that says why something is not possible. */
export function describe(task: Task): string {
  const { phase } = task
  if (phase.is === 'held') return `${task.stage}, on hold: ${HOLDS[phase.reason].title}`
  if (phase.is === 'waiting') return `${task.stage}, waiting: ${phase.sentence}`
  return headOf(task) === null && task.stage === 'queued' ? 'queued' : `${task.stage}, ${phase.is}`
}
