/** What the world outside reports: the forge, the tracker, a timer. */
import { type Facts, headOf, learn } from '../evidence.ts'
import { approvalStands } from '../gates.ts'
import * as say from '../messages.ts'
import type { Decision, Event, Task } from '../model.ts'
import { WORK_STAGES, type WorkStage } from '../words.ts'
import { askAgain, judge, visit } from './advance.ts'
import { hold } from './hold.ts'
import { comment, decided, liveRun, note, type Rules, refuse, stay, then } from './parts.ts'

type Of<T extends Event['type']> = Extract<Event, { type: T }>

/** Facts that came in from an effect or a look outside; where a gate waits for them, it judges anew. */
export function observed(task: Task, event: Of<'observed'>, rules: Rules): Decision {
  const known = learn(task, event.facts)
  const awaited = known.phase.is === 'gated' ? AWAITED[known.phase.on] : undefined
  return awaited !== undefined && event.facts[awaited] !== undefined ? judge(known, rules, event.at) : stay(known)
}

/** The fact that a gate waits for; any other is kept and changes nothing yet. */
const AWAITED: Readonly<Record<string, keyof Facts>> = { 'pull-request': 'pr', ci: 'ci' }

/** A refused outside write holds the task only where the pipeline waits for it; everything else is told and goes on. */
export function effectFailed(task: Task, event: Of<'effect-failed'>, rules: Rules): Decision {
  const awaited =
    task.phase.is === 'gated' &&
    task.phase.on === 'pull-request' &&
    (event.effect === 'ensure-pr' || event.effect === 'push-branch')
  return awaited
    ? hold(task, 'no-pull-request', event.sentence, rules, event.at)
    : decided(task, note(`${event.effect}: ${event.sentence}`))
}

/** The merge's intent. Refused where the head is no longer the tested one or a STOP came first. */
export function windowOpened(task: Task, event: Of<'window-opened'>): Decision {
  if (task.stage !== 'deploy') return refuse(task, `${task.key} is in ${task.stage}, where nothing is merged`)
  if (task.stop !== null && task.window === null) return refuse(task, `${task.key} is being stopped`)
  if (event.head !== headOf(task))
    return refuse(task, `${event.head.slice(0, 10)} is not the tested head of ${task.key}`)
  if (task.window === null && !approvalStands(task)) return refuse(task, `${task.key} was edited after its approval`)
  const window = { run: event.run, since: task.window?.since ?? event.at, head: event.head, merge: null }
  const evidence = { ...task.evidence, asked: event.head }
  return decided({ ...task, window, evidence }, note(`the window is open: ${event.head.slice(0, 10)} is to be merged`))
}

/** A person merged the pull request. The merge is respected: production is judged on the merge commit. */
export function prMerged(task: Task, event: Of<'pr-merged'>, rules: Rules): Decision {
  if (task.window !== null || task.evidence.merge !== undefined || task.stage === 'queued') return stay(task)
  if (task.stage === 'deploy' && !task.lineage.includes(event.head)) {
    if (task.phase.is === 'held' && task.phase.reason === 'foreign-merge') return stay(task)
    return then(stopRun(task), (t) =>
      hold(
        t,
        'foreign-merge',
        `${event.by} merged ${event.head.slice(0, 10)}, which is not the tested head`,
        rules,
        event.at,
      ),
    )
  }
  const merge = {
    head: event.head,
    base: task.base ?? event.head,
    merge: event.merge,
    by: 'person',
    treeEqual: false,
  } as const
  const known: Task = { ...task, evidence: { ...task.evidence, merge } }
  return then(stopRun(known), (t) => visit(t, 'deploy', `${event.by} merged the pull request`, rules, event.at))
}

export function prClosed(task: Task, event: Of<'pr-closed'>, rules: Rules): Decision {
  if (task.window !== null || task.evidence.merge !== undefined || task.stage === 'queued') return stay(task)
  if (task.evidence.pr === undefined) return stay(task)
  const closed: Task = { ...task, evidence: { ...task.evidence, pr: { ...task.evidence.pr, state: 'closed' } } }
  // A hold keeps its reason and its ways out; the gate finds the pull request closed when the task goes on.
  if (task.phase.is === 'held')
    return decided(closed, note(`${event.by} closed pull request #${task.evidence.pr.number}`))
  return then(stopRun(closed), (t) =>
    hold(t, 'pull-request-closed', `${event.by} closed pull request #${task.evidence.pr?.number}`, rules, event.at),
  )
}

/** A run whose result is no longer wanted is cancelled; what it still says is late word and changes nothing. */
function stopRun(task: Task): Decision {
  const run = liveRun(task)
  return run === null
    ? stay(task)
    : decided(
        { ...task, ending: run, phase: { is: 'gated', since: task.phase.since, on: 'cancel' } },
        { type: 'cancel-run', run },
      )
}

/** An edit voids the approval by changing its subject. In the window it is only told. */
export function itemEdited(task: Task, event: Of<'item-edited'>, rules: Rules): Decision {
  if (event.item.digest === task.item.digest) return stay(task)
  const edited: Task = { ...task, item: event.item }
  const told = note(
    task.window === null
      ? 'the work item was edited'
      : 'the work item was edited while its merge is on the way; it is only noted',
  )
  const isAfterAnalysis = WORK_STAGES.indexOf(task.stage as WorkStage) > 0
  if (task.phase.is === 'waiting' && task.phase.on === 'approval')
    return then(decided(edited, told), (t) =>
      isAfterAnalysis ? askAgain(t, rules, event.at) : judge(t, rules, event.at),
    )
  const isMerged = task.evidence.merge !== undefined
  if (isAfterAnalysis && task.window === null && !isMerged && rules.policy.approval === 'person')
    return decided(
      edited,
      told,
      comment(task, `edited:${event.item.digest}`, 'stream', say.approvalAgain(edited, rules.policy.stop)),
    )
  return decided(edited, told)
}

export function deadlinePassed(task: Task, event: Of<'deadline'>, rules: Rules): Decision {
  const waits = task.phase.is === 'gated' && task.phase.on === event.name && task.visit === event.visit
  return waits
    ? hold(task, 'ci-deadline', 'the required CI contexts have not reported in time', rules, event.at)
    : stay(task)
}
