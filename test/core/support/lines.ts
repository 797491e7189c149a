/** Decisions as lines that people read: the tables and the golden transcripts compare these. */
import { unreachable } from '#core/errors.ts'
import type { Command, LogEntry, Task } from '#core/model.ts'
import { ARTEFACTS, type Millis } from '#core/words.ts'

export const isLog = (command: Command): boolean => command.type === 'log'

export function phaseOf({ phase }: Task): string {
  switch (phase.is) {
    case 'ready':
    case 'running':
      return `${phase.is} ${phase.run}`
    case 'gated':
      return `gated on ${phase.on}`
    case 'waiting':
      return `waiting on ${phase.on}`
    case 'held':
      return `held: ${phase.reason}`
    case 'final':
      return 'final'
    default:
      return unreachable(phase)
  }
}

export function lineOf(command: Command, now: Millis): string {
  switch (command.type) {
    case 'start-run': {
      const who = [command.kind, command.role ?? command.target].filter((word) => word !== null).join(' ')
      const document = command.artefact === null ? '' : ` for ${ARTEFACTS[command.artefact]}`
      const wait = command.notBefore > now ? ` in ${(command.notBefore - now) / 1000} s` : ''
      return `start ${command.run} ${who}${document}${wait}`
    }
    case 'cancel-run':
      return `cancel ${command.run}`
    case 'set-deadline':
      return `deadline ${command.name} in ${(command.due - now) / 60_000} min`
    case 'log':
      return entryLine(command.entry)
    case 'drop-effects':
      return 'drop effects'
    case 'freeze':
      return `freeze: ${command.reason}`
    case 'comment':
      return `${command.voice}: ${command.text}`
    case 'show-status':
      return `show ${command.status}`
    case 'push-branch':
      return `push ${command.sha}`
    case 'ensure-pr':
      return `ensure pull request at ${command.sha}`
    case 'close-pr':
      return `close pull request: ${command.text}`
    case 'settle-merge':
      return `read whether ${command.head} was merged`
    case 'delete-branch':
      return 'delete branch'
    case 'salvage':
      return 'salvage'
    case 'remove-workspace':
      return 'remove workspace'
    default:
      return unreachable(command)
  }
}

function entryLine(entry: LogEntry): string {
  switch (entry.is) {
    case 'verdict':
      return `${entry.gate} ${entry.verdict}: ${entry.sentence}`
    case 'moved':
      return `${entry.from} → ${entry.to}: ${entry.why}`
    case 'held':
      return `held ${entry.reason} (${entry.exits.join(', ')}): ${entry.sentence}`
    case 'note':
      return `note: ${entry.sentence}`
    default:
      return unreachable(entry)
  }
}
