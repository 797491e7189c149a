/**
 * The shell's heart: lock the task, decide, and save state, log, runs, effects and jobs in one transaction.
 * Everything that advances a task comes through `apply`.
 */

import type { Rules } from '#core/decide.ts'
import { decide } from '#core/decide.ts'
import type { Command, Effect, Event, Task } from '#core/model.ts'
import type { Millis, TaskId } from '#core/words.ts'
import type { RunRow, StartRun, Tx } from './ports/store.ts'

export interface Applied {
  readonly task: Task
  /** A person's order was refused: nothing was changed, and why. */
  readonly refused?: string
}

/** The rules of a project as its configuration stands now. Throws where the project is not configured any more. */
export type RulesOf = (project: string) => Rules

/** Applies one event to one task inside the caller's transaction. null when there is no such task. */
export async function apply(tx: Tx, id: TaskId, event: Event, rulesOf: RulesOf): Promise<Applied | null> {
  const before = await tx.task(id)
  if (before === null) return null
  const { task, commands, refused } = decide(before, event, rulesOf(before.project))
  if (refused !== undefined) return { task: before, refused }
  if (task === before && commands.length === 0) return { task: before }
  await tx.appendLog(id, { is: 'event', event }, event.at)
  await tx.saveTask(task, event.at)
  const followUps = await carryOut(tx, task, commands, event.at)
  let last: Applied = { task }
  for (const next of followUps) last = (await apply(tx, id, next, rulesOf)) ?? last
  return last
}

/** Turns commands into rows. What they cause at once inside Orch comes back as events. */
async function carryOut(tx: Tx, task: Task, commands: readonly Command[], at: Millis): Promise<Event[]> {
  const followUps: Event[] = []
  const effects: Effect[] = []
  for (const command of commands) {
    switch (command.type) {
      case 'log':
        await tx.appendLog(task.id, command.entry, at)
        break
      case 'start-run':
        await tx.insertRun(rowOf(task, command, at))
        break
      case 'cancel-run':
        followUps.push(...(await cancelRun(tx, command.run, at)))
        break
      case 'set-deadline':
        await tx.setDeadline({ task: task.id, name: command.name, due: command.due, visit: command.visit })
        break
      case 'drop-effects':
        effects.length = 0
        await tx.dropEffects(task.id, at)
        break
      case 'freeze':
        await tx.freeze(task.repo, 'orch', command.reason, at)
        break
      default:
        effects.push(command)
    }
  }
  await tx.addEffects(task.id, effects, at)
  return followUps
}

/** A run that no process works on yet is cancelled on the spot; another is told to end and answers when it has. */
async function cancelRun(tx: Tx, id: string, at: Millis): Promise<Event[]> {
  const run = await tx.run(id)
  if (run === null) return [{ type: 'run-stopped', at, run: id }]
  const isIdle = run.state === 'ready' || (run.state === 'admitted' && run.host === null)
  if (run.job !== null && (run.state === 'admitted' || run.state === 'cancelling')) await tx.cancelJob(run.job)
  if (run.state === 'admitted' && !isIdle) await tx.updateRun(id, ['admitted'], { state: 'cancelling' })
  if (!isIdle)
    return run.state === 'admitted' || run.state === 'cancelling' ? [] : [{ type: 'run-stopped', at, run: id }]
  await tx.updateRun(id, ['ready', 'admitted'], {
    state: 'cancelled',
    endedAt: at,
    sentence: 'cancelled before it started',
  })
  return [{ type: 'run-stopped', at, run: id }]
}

const rowOf = (task: Task, command: StartRun, at: Millis): RunRow => ({
  id: command.run,
  task: task.id,
  repo: task.repo,
  project: task.project,
  stage: task.stage,
  kind: command.kind,
  role: command.role,
  target: command.target,
  artefact: command.artefact,
  state: 'ready',
  readyAt: at,
  notBefore: command.notBefore,
  job: null,
  host: null,
  startedAt: null,
  endedAt: null,
  sentence: null,
  usage: null,
  facts: null,
  report: null,
  agent: null,
})
