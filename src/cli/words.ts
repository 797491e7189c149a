/** The words in which the CLI tells of tasks and runs. */
import type { GateView, RunAgentView, RunView, TaskAction, TaskSummary, TimelineEntry } from '#core/view.ts'
import type { Cell, Style } from './paper.ts'
import { duration } from './text.ts'

const PHASES: Readonly<Record<TaskSummary['phase'], Style>> = {
  ready: 'plain',
  running: 'green',
  gated: 'yellow',
  waiting: 'yellow',
  held: 'red',
  final: 'dim',
}

/** `running`, `on hold`, `stopping`: what a task does now. */
export function stateOf({ phase, stage, stopping, cleaningUp }: TaskSummary): Cell {
  if (stopping) return { text: 'stopping', style: 'red' }
  if (phase === 'final')
    return { text: cleaningUp ? 'cleaning up' : 'ended', style: stage === 'done' ? 'green' : 'dim' }
  return { text: phase === 'held' ? 'on hold' : phase, style: PHASES[phase] }
}

/** `SHOP-1 is in development, running since 3m (run 7.4, developer).` */
export function situation(task: TaskSummary, now: number): string {
  const state = stateOf(task)
  const run = task.run === null ? '' : ` (run ${task.run}${task.role === null ? '' : `, ${task.role}`})`
  const where = task.phase === 'final' ? `is ${task.stage}` : `is in ${task.stage}`
  return `${task.key} ${where}, ${typeof state === 'string' ? state : state.text} since ${duration(now - task.since)}${run}.`
}

const HOW: Readonly<Record<TaskAction, (key: string) => string>> = {
  approve: (key) => `orch task approve ${key}`,
  rework: (key) => `orch task rework ${key} "why"`,
  answer: (key) => `orch task answer ${key} "text"`,
  retry: (key) => `orch task retry ${key}`,
  stop: (key) => `orch task stop ${key}`,
  next: (key) => `orch task next ${key}`,
}

/** The command that carries out an action; the bare word for one that this CLI does not know yet. */
export const howTo = (action: TaskAction, key: string): string => HOW[action]?.(key) ?? action

const VERDICTS: Readonly<Record<GateView['verdict'], Style>> = {
  pass: 'green',
  fail: 'red',
  pending: 'yellow',
  human: 'yellow',
}
export const verdictCell = (verdict: GateView['verdict']): Cell => ({
  text: verdict,
  style: VERDICTS[verdict] ?? 'plain',
})

export const runCell = (state: RunView['state']): Cell => ({
  text: state,
  style: state === 'done' ? 'green' : state === 'failed' || state === 'lost' ? 'red' : 'plain',
})

const TONES: Readonly<Record<TimelineEntry['tone'], Style>> = {
  plain: 'plain',
  good: 'green',
  bad: 'red',
  waiting: 'yellow',
}
export const toned = (text: string, tone: TimelineEntry['tone']): Cell => ({ text, style: TONES[tone] ?? 'plain' })

/** How long a run took, or has taken so far; empty before it starts. */
export const runTime = ({ startedAt, endedAt }: RunView, now: number): string =>
  startedAt === null ? '' : duration((endedAt ?? now) - startedAt)

/** `claude-opus-5-5 · high`: what an agent was given; empty where nothing was chosen, and of other runs. */
export function agentText(agent: RunAgentView | null): string {
  if (agent === null) return ''
  const { model, effort, models, fellBack } = agent
  const given = [model ?? models[0] ?? null, effort].filter((part) => part !== null)
  return [...given, ...(fellBack ? [`fell back to ${models.join(', ')}`] : [])].join(' · ')
}

/** `45.2k in / 12.1k out · $0.21`; cached tokens count as read. Empty where nothing was reported. */
export function usageText(usage: RunView['usage']): string {
  if (usage === null) return ''
  const { input, output, cacheRead = 0, cacheCreation = 0, costUsd } = usage
  const tokens =
    input === undefined && output === undefined
      ? []
      : [`${count((input ?? 0) + cacheRead + cacheCreation)} in / ${count(output ?? 0)} out`]
  return [...tokens, ...(costUsd === undefined ? [] : [`$${costUsd.toFixed(2)}`])].join(' · ')
}

/** As `45.2k`; a dash for what no run reported, which is not zero. */
export const countText = (tokens: number | undefined): string => (tokens === undefined ? '–' : count(tokens))

const count = (tokens: number): string => (tokens < 1000 ? String(tokens) : `${(tokens / 1000).toFixed(1)}k`)
