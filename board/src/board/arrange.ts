import type { TaskSummary } from '../../../src/core/view.ts'
import { isFinalStage, STAGES, type StageName } from '../words/stages.ts'
import { needsPerson } from '../words/status.ts'

export interface StageColumn {
  readonly stage: StageName
  readonly tasks: readonly TaskSummary[]
}

export interface Wanted {
  readonly text: string
  readonly person: boolean
}

/** One column per stage, empty ones too, in the order of the pipeline. */
export function arrange(tasks: readonly TaskSummary[], wanted: Wanted): readonly StageColumn[] {
  const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean)
  const columns = new Map<StageName, TaskSummary[]>(STAGES.map((stage) => [stage, []]))
  for (const task of tasks) {
    if (wanted.person && !needsPerson(task)) continue
    if (words.length > 0 && !matches(task, words)) continue
    columns.get(task.stage)?.push(task)
  }
  return [...columns].map(([stage, found]) => ({ stage, tasks: found.sort(orderIn(stage)) }))
}

function matches(task: TaskSummary, words: readonly string[]): boolean {
  const text =
    `${task.key} ${task.title} ${task.project} ${task.repo} ${task.role ?? ''} ${task.why ?? ''}`.toLowerCase()
  return words.every((word) => text.includes(word))
}

/** Queued: as they will be let in. At work: who needs a person first, then the longest there. Ended: the last first. */
function orderIn(stage: StageName): (a: TaskSummary, b: TaskSummary) => number {
  if (stage === 'queued')
    return (a, b) => Number(b.next) - Number(a.next) || b.priority - a.priority || a.number - b.number || a.id - b.id
  if (isFinalStage(stage)) return (a, b) => b.since - a.since || b.id - a.id
  return (a, b) => Number(needsPerson(b)) - Number(needsPerson(a)) || a.since - b.since || a.id - b.id
}
