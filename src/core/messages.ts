/** Every word that Orch says to a person in the tracker. Plain text; adapters escape it for their system. */
import { HOLDS, type HoldExit, type HoldReason } from './holds.ts'
import type { Task, Usage } from './model.ts'
import { describeUsage, totalOf } from './usage.ts'
import type { Role, StageName } from './words.ts'

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

export const started = (role: Role, stage: StageName): string => `${capital(role)} started (${stage}).`

/** `artefact` is the path of the document that the run left, where it left one. */
export const finished = (role: Role, usage: Usage | undefined, artefact: string | null): string =>
  [`${capital(role)} done`, describeUsage(usage ?? {}), ...(artefact === null ? [] : [artefact])].join(' · ')

/** Ways on as a list; `:stop:` is named only where people can stop. */
const ways = (canStop: boolean, ...others: string[]): string =>
  [...others, ...(canStop ? ['`:stop:` to end it'] : [])].join(', ')

export const approvalRequest = (task: Task, canStop: boolean): string =>
  `The analysis of ${task.key} is ready in docs/tasks/${task.key}/01-analysis.md on branch ${task.branch}. ` +
  `Answer ${ways(canStop, '`:approved:` to go on', '`:rework: why` to have it done again')}.`

export const approvalAgain = (task: Task, canStop: boolean): string =>
  `${task.key} was edited after its approval and waits. Answer ${ways(canStop, '`:approved:` for the text as it is now', '`:rework: why` to analyse again')}.`

export const approvedBy = (task: Task, by: string): string => `${task.key}: the analysis was approved by ${by}.`

const EXIT_WORDS: Readonly<Record<HoldExit, string>> = {
  retry: '`:retry:` to try once more',
  rework: '`:rework: why` to send it back',
  answer: '`:answer: …` to answer',
  approve: '`:approved:` to accept exactly what is shown',
  stop: '`:stop:` to end it',
}

/** `exits` are those that are open here. */
export const held = (task: Task, reason: HoldReason, sentence: string, exits: readonly HoldExit[]): string =>
  `${task.key} is on hold in ${task.stage}: ${HOLDS[reason].title}. ${full(sentence)} ${
    exits.length === 0
      ? 'While STOP is switched off there is no way on from here; switch it on to end it.'
      : `Ways on: ${exits.map((exit) => EXIT_WORDS[exit]).join(', ')}.`
  }`

export const sentBack = (task: Task, to: StageName, why: string): string =>
  `${task.key} goes back from ${task.stage} to ${to}: ${full(why)}`

export const stoppingAfterDeploy = (task: Task, by: string): string =>
  `STOP by ${by} is recorded. ${task.key} is between merge and production; it is carried out as soon as that has honestly ended.`

export const cancelledBy = (task: Task): string => {
  const { merge, production, earlierMerges } = task.evidence
  const who = task.stop ? `Stopped by ${task.stop.by}.` : 'Stopped.'
  if (!merge && earlierMerges) {
    const commits = earlierMerges.map((sha) => sha.slice(0, 10)).join(' and ')
    return `${task.key} is cancelled. ${who} Before it was sent back it had been merged as ${commits}; nothing more was merged.`
  }
  if (!merge) return `${task.key} is cancelled. ${who} Nothing was merged.`
  const live =
    production?.verdict === 'success' ? `, and it is live in production (${production.sha.slice(0, 10)})` : ''
  return `${task.key} is cancelled. ${who} It had been merged as ${merge.merge.slice(0, 10)}${live}.`
}

export const done = (task: Task): string => {
  const total = totalOf(task.spent)
  const roles = Object.entries(task.spent).map(
    ([role, spent]) =>
      `${capital(role)}: ${spent.runs} ${spent.runs === 1 ? 'run' : 'runs'}, ${describeUsage(spent.usage)}`,
  )
  const merge = task.evidence.merge ? `merged as ${task.evidence.merge.merge.slice(0, 10)}` : 'merged'
  return [`${task.key} is done: ${merge}. ${total.runs} runs, ${describeUsage(total.usage)}.`, ...roles].join('\n')
}

const full = (sentence: string): string => (/[.!?]$/.test(sentence) ? sentence : `${sentence}.`)
