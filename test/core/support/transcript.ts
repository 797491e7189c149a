/** A story as people read it: what happened, where the task is then, and what was ordered, line by line. */
import { unreachable } from '#core/errors.ts'
import type { Decision, Event, Task } from '#core/model.ts'
import { isLog, lineOf, phaseOf } from './lines.ts'

export function transcript(first: Task) {
  const parts = [`${placeOf(first)}\n`]
  return {
    add(event: Event, { task, commands, refused }: Decision): void {
      const lines = commands.map((command) => `${isLog(command) ? '  · ' : '  > '}${lineOf(command, event.at)}`)
      const outcome = refused === undefined ? placeOf(task) : `refused: ${refused}`
      parts.push([`${eventLine(event)}`, ...lines, outcome, ''].join('\n'))
    },
    text: () => parts.join('\n'),
  }
}

const placeOf = (task: Task): string => {
  const flags = [
    ...(task.lane ? ['lane'] : []),
    ...(task.window ? ['window open'] : []),
    ...(task.stop ? ['STOP'] : []),
  ]
  return `= ${task.stage}, ${phaseOf(task)}${flags.length > 0 ? ` (${flags.join(', ')})` : ''}`
}

function eventLine(event: Event): string {
  switch (event.type) {
    case 'run-started':
    case 'run-finished':
    case 'run-stopped':
      return `${event.run} ${event.type.slice(4)}`
    case 'run-failed':
      return `${event.run} failed: ${event.failure.sentence}`
    case 'run-asked':
      return `${event.run} asks: ${event.question}`
    case 'run-lost':
      return `${event.run} lost: ${event.why}`
    case 'window-opened':
      return `${event.run} opens the window for ${event.head}`
    case 'observed':
      return `observed ${Object.keys(event.facts).join(', ')}`
    case 'effect-failed':
      return `${event.effect} failed: ${event.sentence}`
    case 'let-in':
      return 'let in'
    case 'item-edited':
      return 'item edited'
    case 'deadline':
      return `deadline ${event.name}`
    case 'opened':
    case 'pr-merged':
    case 'pr-closed':
    case 'approved':
    case 'rework':
    case 'retry':
    case 'agent-set':
    case 'answered':
    case 'stop':
      return `${event.by}: ${event.type}`
    default:
      return unreachable(event)
  }
}
