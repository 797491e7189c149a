/** Moving forward: enter a stage, start its next step, judge its gates, finish. */

import { approvalSubject, headOf } from '../evidence.ts'
import { approvalStands, type Verdict } from '../gates.ts'
import * as say from '../messages.ts'
import type { Command, Decision, Task } from '../model.ts'
import type { Stage, Step } from '../pipeline.ts'
import { allows, spend } from '../retry.ts'
import { isFinalStage, isWorkStage, type Millis, type StageName, type WorkStage } from '../words.ts'
import { finishDone, windowClosed } from './end.ts'
import { hold } from './hold.ts'
import { comment, decided, log, type Rules, show, stay, then } from './parts.ts'

/** Enters a stage afresh: first step, attempts at zero. `notes` tell the run why it is here. */
export function visit(
  task: Task,
  to: StageName,
  why: string,
  rules: Rules,
  at: Millis,
  notes: readonly string[] = [],
): Decision {
  const moved = log({ is: 'moved', from: task.stage, to, why })
  if (!isWorkStage(to)) return to === 'done' ? then(decided(task, moved), (t) => finishDone(t, at)) : stay(task)
  const entered: Task = {
    ...task,
    stage: to,
    step: 0,
    visit: task.visit + 1,
    used: { ...task.used, attempts: 0 },
    granted: { ...task.granted, attempts: 0 },
    notes,
  }
  return then(decided(entered, moved, show(entered, to, at)), (t) => startStep(t, rules, at))
}

/** Starts the current step, passing over those that do not apply, or goes on to the next stage. */
export function startStep(task: Task, rules: Rules, at: Millis, notBefore: Millis = at): Decision {
  const stage = stageOf(task, rules)
  const step = stage.steps[task.step]
  if (step === undefined) return leave(task, stage, rules, at)
  const skipped = step.skip?.(task, rules.policy)
  if (skipped) return then(passOver(task, step, skipped), (t) => startStep({ ...t, step: t.step + 1 }, rules, at))
  if (step.work.kind === 'approval') return awaitApproval(task, rules, at)
  if (needsNewApproval(task)) return askAgain(task, rules, at, notBefore)
  return startRun(task, step, notBefore, at)
}

function passOver(task: Task, step: Step, why: string): Decision {
  const gates = step.gates.map((gate) =>
    log({ is: 'verdict', gate: gate.name, verdict: 'pass', sentence: why, sha: headOf(task) }),
  )
  return decided(task, ...(gates.length > 0 ? gates : [log({ is: 'note', sentence: why })]))
}

function leave(task: Task, stage: Stage, rules: Rules, at: Millis): Decision {
  return visit(task, stage.next, 'passed', rules, at)
}

/** The approval covers title, description and analysis for the whole way, but not inside the window. */
const needsNewApproval = (task: Task): boolean =>
  task.stage !== 'analysis' && task.window === null && task.evidence.merge === undefined && !approvalStands(task)

function awaitApproval(task: Task, rules: Rules, at: Millis): Decision {
  if (rules.policy.approval === 'auto') return judge(approve(task, 'the project (approval: auto)', at), rules, at)
  return judge(task, rules, at)
}

/** The item is not any more what was approved: the task waits for a new word on it. */
export function askAgain(task: Task, rules: Rules, at: Millis, notBefore: Millis = at): Decision {
  if (rules.policy.approval === 'auto')
    return startStep(approve(task, 'the project (approval: auto)', at), rules, at, notBefore)
  const sentence = 'the item was edited after its approval: a person has to approve it as it is now'
  const waiting: Task = { ...task, phase: { is: 'waiting', since: at, on: 'approval', sentence } }
  return decided(
    waiting,
    show(waiting, 'awaiting-approval', at),
    comment(task, `v${task.visit}:approval:${at}`, 'stream', say.approvalAgain(task, rules.policy.stop)),
  )
}

export const approve = (task: Task, by: string, at: Millis): Task => ({
  ...task,
  evidence: { ...task.evidence, approval: { subject: approvalSubject(task), by, at } },
})

/** One more run of the current step. */
function startRun(task: Task, step: Step, notBefore: Millis, at: Millis): Decision {
  if (step.work.kind === 'approval') return stay(task)
  const run = `${task.id}.${task.runs + 1}`
  const { work } = step
  const start: Command = {
    type: 'start-run',
    run,
    kind: work.kind,
    role: work.kind === 'agent' ? work.role : null,
    target: work.kind === 'deploy' ? work.target : null,
    artefact: work.kind === 'agent' ? work.artefact : null,
    notBefore,
  }
  return decided({ ...task, runs: task.runs + 1, phase: { is: 'ready', run, since: at } }, start)
}

/** All gates of the step pass: on. One fails, wants a person or is pending: that decides, in this order of weight. */
export function judge(task: Task, rules: Rules, at: Millis): Decision {
  const step = stageOf(task, rules).steps[task.step]
  if (step === undefined) return stay(task)
  const verdicts = step.gates.map((gate) => ({ gate: gate.name, verdict: gate.judge(task, rules.policy) }))
  const logged = decided(
    task,
    ...verdicts.map(({ gate, verdict }) =>
      log({ is: 'verdict', gate, verdict: wordOf(verdict), sentence: verdict.sentence, sha: headOf(task) }),
    ),
  )
  return then(logged, (t) =>
    follow(
      t,
      verdicts.map(({ verdict }) => verdict),
      rules,
      at,
    ),
  )
}

const wordOf = (verdict: Verdict) => (verdict.is === 'again' ? 'fail' : verdict.is)

function follow(task: Task, verdicts: readonly Verdict[], rules: Rules, at: Millis): Decision {
  const first = <I extends Verdict['is']>(is: I) => verdicts.find((v): v is Extract<Verdict, { is: I }> => v.is === is)
  const reasons = verdicts.flatMap((v) => (v.is === 'fail' || v.is === 'again' ? [v.sentence] : []))
  const failed = first('again') ?? first('fail')
  if (failed)
    return failed.is === 'again'
      ? tryAgain(task, reasons, rules, at)
      : sendBack(task, stageOf(task, rules).onFail, reasons, rules, at)
  const human = first('human')
  if (human) return hold(task, human.hold, human.sentence, rules, at)
  const pending = first('pending')
  if (pending) return waitFor(task, pending, rules, at)
  return then(task.stage === 'deploy' ? windowClosed(task, rules, at) : stay(task), (t) =>
    t.phase.is === 'final' ? stay(t) : startStep({ ...t, step: t.step + 1, notes: [] }, rules, at),
  )
}

/** The same stage from its first step, on the attempts of this visit. */
export function tryAgain(task: Task, reasons: readonly string[], rules: Rules, at: Millis): Decision {
  const spent = spend(task, 'attempts')
  const why = reasons.join('; ')
  if (!allows(spent, rules.policy, 'attempts')) return hold(spent, 'attempts-spent', why, rules, at)
  return then(decided(spent, log({ is: 'note', sentence: `again: ${why}` })), (t) =>
    startStep({ ...t, step: 0, notes: [...t.notes, ...reasons] }, rules, at),
  )
}

/** A return to an earlier stage by a gate or a person, on the reworks of the whole task. */
export function sendBack(task: Task, to: WorkStage, reasons: readonly string[], rules: Rules, at: Millis): Decision {
  if (to === task.stage) return tryAgain(task, reasons, rules, at)
  if (!allows(task, rules.policy, 'reworks')) return hold(task, 'reworks-spent', reasons.join('; '), rules, at)
  return moveBack(spend(task, 'reworks'), to, reasons, rules, at)
}

export function moveBack(task: Task, to: WorkStage, reasons: readonly string[], rules: Rules, at: Millis): Decision {
  const why = reasons.join('; ')
  const told = comment(task, `v${task.visit}:sent-back:${at}`, 'stream', say.sentBack(task, to, why))
  return then(decided(withoutMerge(task), told), (t) => visit(t, to, why, rules, at, reasons))
}

/** New work after a merge needs a pull request, a merge and a verdict of its own; the old ones must not answer for it. */
function withoutMerge(task: Task): Task {
  const { merge, production: _production, pr: _pr, earlierMerges = [], ...rest } = task.evidence
  return merge === undefined ? task : { ...task, evidence: { ...rest, earlierMerges: [...earlierMerges, merge.merge] } }
}

function waitFor(task: Task, pending: Extract<Verdict, { is: 'pending' }>, rules: Rules, at: Millis): Decision {
  if (pending.on === 'approval') {
    const waiting: Task = { ...task, phase: { is: 'waiting', since: at, on: 'approval', sentence: pending.sentence } }
    return decided(
      waiting,
      show(waiting, 'awaiting-approval', at),
      comment(task, `v${task.visit}:approval:${at}`, 'analyst', say.approvalRequest(task, rules.policy.stop)),
    )
  }
  const gated: Task = {
    ...task,
    phase: { is: 'gated', since: task.phase.is === 'gated' ? task.phase.since : at, on: pending.on },
  }
  if (task.phase.is === 'gated' && task.phase.on === pending.on) return stay(gated)
  const head = headOf(task)
  if (pending.on === 'pull-request' && head !== null)
    return decided(gated, { type: 'ensure-pr', key: `${task.id}:pr:${head}:${at}`, sha: head })
  if (pending.on === 'ci')
    return decided(gated, { type: 'set-deadline', name: 'ci', due: at + rules.policy.ciDeadlineMs, visit: task.visit })
  return decided(gated)
}

export function stageOf(task: Task, rules: Rules): Stage {
  if (!isWorkStage(task.stage)) throw new Error(`${task.key} is in ${task.stage}, where nothing is worked on`)
  return rules.pipeline[task.stage]
}

export const isEnded = (task: Task): boolean => isFinalStage(task.stage)
