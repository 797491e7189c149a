/** From rows to what the board and the CLI read. Pure: rows in, views out. */
import { offers, shownSubject } from '#core/decide/people.ts'
import { headOf } from '#core/evidence.ts'
import { GATES } from '#core/gates.ts'
import { exitsOf } from '#core/holds.ts'
import type { Task } from '#core/model.ts'
import { artefactFolder } from '#core/naming.ts'
import { pipeline } from '#core/pipeline.ts'
import type { Policy } from '#core/policy.ts'
import type { Schedule } from '#core/schedule.ts'
import { totalOf } from '#core/usage.ts'
import type { ArtefactView, GateView, RunView, StageView, TaskAction, TaskDetail, TaskSummary } from '#core/view.ts'
import { ARTEFACTS, type ArtefactName, isFinalStage, isWorkStage, type Millis, STAGES } from '#core/words.ts'
import type { LoggedStory, RunRow, TaskRow } from '#engine/ports/store.ts'
import { runAgentViewOf } from './run-agent.ts'
import { timelineEntry } from './timeline.ts'

export type Waits = Schedule['waits']

/** @param canStop false while STOP is switched off. */
export function summaryOf(row: TaskRow, waits: Waits, openEffects: number, canStop: boolean): TaskSummary {
  const { task } = row
  const { phase } = task
  return {
    id: task.id,
    key: task.key,
    project: task.project,
    repo: task.repo,
    number: task.number,
    title: task.item.title,
    stage: task.stage,
    phase: phase.is,
    since: phase.since,
    why: whyOf(task, waits),
    hold: phase.is === 'held' ? phase.reason : null,
    actions: actionsOf(task).filter((action) => canStop || action !== 'stop'),
    stopping: task.stop !== null && phase.is !== 'final',
    cleaningUp: phase.is === 'final' && openEffects > 0,
    role: isWorkStage(task.stage) ? pipeline[task.stage].role : null,
    run: phase.is === 'ready' || phase.is === 'running' ? phase.run : null,
    priority: row.priority,
    next: row.next,
    lane: task.lane,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  }
}

/** One sentence for every wait; null where nothing is waited for. */
function whyOf(task: Task, waits: Waits): string | null {
  const { phase } = task
  if (task.stop !== null && task.window !== null) return `stopping after deploy, as ${task.stop.by} asked`
  switch (phase.is) {
    case 'held':
      return phase.sentence
    case 'waiting':
      return phase.on === 'let-in' ? (waits.tasks.get(task.id) ?? 'is about to be let in') : phase.sentence
    case 'gated':
      return phase.on === 'pull-request'
        ? 'the pull request is being opened'
        : phase.on === 'ci'
          ? 'CI has not reported yet'
          : `waits for ${phase.on}`
    case 'ready':
      return waits.runs.get(phase.run) ?? 'is about to start'
    case 'running':
    case 'final':
      return null
  }
}

export function actionsOf(task: Task): readonly TaskAction[] {
  const { phase } = task
  if (phase.is === 'final' || (phase.is === 'waiting' && phase.on === 'processes')) return []
  const stop: TaskAction[] = task.stop === null ? ['stop'] : []
  if (task.stage === 'queued') return ['next', ...stop]
  if (phase.is === 'waiting' && phase.on === 'approval') return ['approve', 'rework', ...stop]
  if (phase.is === 'held') return exitsOf(phase.reason).filter((exit) => offers(task, exit))
  return stop
}

export interface DetailParts {
  readonly row: TaskRow
  readonly waits: Waits
  readonly openEffects: number
  readonly runs: readonly RunRow[]
  readonly story: readonly LoggedStory[]
  readonly policy: Policy
  readonly now: Millis
}

export function detailOf({ row, waits, openEffects, runs, story, policy, now }: DetailParts): TaskDetail {
  const { task } = row
  const { evidence } = task
  return {
    ...summaryOf(row, waits, openEffects, policy.stop),
    description: task.item.description,
    branch: task.branch,
    base: task.base,
    head: headOf(task),
    pullRequest: evidence.pr
      ? { number: evidence.pr.number, url: evidence.pr.url, state: evidence.merge ? 'merged' : evidence.pr.state }
      : null,
    merge: evidence.merge?.merge ?? null,
    subject: shownSubject(task),
    budgets: (Object.keys(policy.limits) as (keyof Policy['limits'])[]).map((name) => ({
      name,
      used: task.used[name],
      limit: policy.limits[name] + task.granted[name],
    })),
    agent: Object.fromEntries(Object.entries(task.agent.wish).filter(([, set]) => set)),
    usage: totalOf(task.spent),
    usageByRole: task.spent,
    stages: stagesOf(task, runs, now),
    runs: runs.map(runViewOf),
    artefacts: artefactsOf(task, runs),
    gates: gatesOf(story),
    timeline: story.flatMap((entry) => timelineEntry(entry) ?? []),
  }
}

export const runViewOf = (run: RunRow): RunView => ({
  id: run.id,
  kind: run.kind,
  role: run.role,
  stage: run.stage,
  state: run.state,
  readyAt: run.readyAt,
  notBefore: run.notBefore,
  startedAt: run.startedAt,
  endedAt: run.endedAt,
  sentence: run.sentence,
  usage: run.usage,
  agent: run.agent && runAgentViewOf(run.agent),
})

export function stagesOf(task: Task, runs: readonly RunRow[], now: Millis): readonly StageView[] {
  const at = STAGES.indexOf(task.stage)
  const visited = new Set(runs.map((run) => run.stage))
  return STAGES.filter(
    (stage) => !isFinalStage(stage) || stage === task.stage || (stage === 'done' && task.stage !== 'cancelled'),
  ).map((stage) => {
    const own = runs.filter((run) => run.stage === stage)
    const ms = own.reduce((sum, run) => sum + (run.startedAt === null ? 0 : (run.endedAt ?? now) - run.startedAt), 0)
    const isPast = task.stage === 'cancelled' ? visited.has(stage) || stage === 'queued' : STAGES.indexOf(stage) < at
    return {
      stage,
      title: isWorkStage(stage) ? pipeline[stage].title : stage.charAt(0).toUpperCase() + stage.slice(1),
      role: isWorkStage(stage) ? pipeline[stage].role : null,
      state: stage === task.stage ? 'current' : isPast ? 'passed' : 'ahead',
      runs: own.length,
      ms,
    }
  })
}

function artefactsOf(task: Task, runs: readonly RunRow[]): readonly ArtefactView[] {
  const inRepository = (Object.keys(ARTEFACTS) as ArtefactName[]).flatMap((name) => {
    const fact = task.evidence.artefacts[name]
    return fact
      ? [
          {
            name,
            path: `${artefactFolder(task.key)}${ARTEFACTS[name]}`,
            sha: headOf(task),
            run: fact.run,
            problem: fact.problem,
          },
        ]
      : []
  })
  const withRun = runs.flatMap((run) =>
    run.report !== null && run.artefact !== null
      ? [
          {
            name: run.artefact,
            path: `kept with run ${run.id}: ${ARTEFACTS[run.artefact]}`,
            sha: null,
            run: run.id,
            problem: null,
          },
        ]
      : [],
  )
  return [...inRepository, ...withRun]
}

/** The newest verdict of each gate of each stage, in the pipeline's order. */
export function gatesOf(story: readonly LoggedStory[]): readonly GateView[] {
  const newest = new Map<string, GateView>()
  let stage: TaskDetail['stage'] = 'queued'
  for (const { story: entry, at } of story) {
    if (entry.is === 'moved') stage = entry.to
    if (entry.is !== 'verdict') continue
    const { gate, verdict, sentence, sha } = entry
    newest.set(`${stage}:${gate}`, {
      stage,
      gate,
      describe: GATES.find(({ name }) => name === gate)?.describe ?? '',
      verdict,
      sentence,
      sha,
      at,
    })
  }
  return [...newest.values()].sort((a, b) => STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage))
}
