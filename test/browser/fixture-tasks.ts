/** Builds tasks as the API would show them, for the board's own test and for working on it by hand. */
import type { Spent } from '../../src/core/model.ts'
import type { RunAgentView, RunView, TaskDetail, TimelineEntry } from '../../src/core/view.ts'
import { isWorkStage, type Role, STAGES, type StageName } from '../../src/core/words.ts'

const MINUTE = 60_000
const ROLE_OF: Readonly<Partial<Record<StageName, Role>>> = {
  analysis: 'analyst',
  architecture: 'architect',
  development: 'developer',
  review: 'reviewer',
  testing: 'tester',
  'deploy-staging': 'deployer',
  deploy: 'deployer',
}
const TITLES: Readonly<Record<StageName, string>> = {
  queued: 'Queued',
  analysis: 'Analysis',
  architecture: 'Architecture',
  development: 'Development',
  review: 'Review',
  testing: 'Testing',
  'deploy-staging': 'Staging',
  deploy: 'Production',
  done: 'Done',
  cancelled: 'Cancelled',
}

export const sha = (seed: number): string => (seed * 2654435761).toString(16).padStart(8, '0').repeat(5).slice(0, 40)

export type TaskSeed = Partial<TaskDetail> & Pick<TaskDetail, 'key' | 'title' | 'stage' | 'phase'>

/** A complete task around the few facts that matter; `now` is the moment the world is built at. */
export function buildTask(id: number, now: number, seed: TaskSeed): TaskDetail {
  const { key, stage, phase } = seed
  const since = seed.since ?? now - id * 7 * MINUTE
  const live = phase === 'running' || phase === 'ready'
  const runs = seed.runs ?? runsUpTo(id, stage, phase, since)
  const ended = stage === 'done' || stage === 'cancelled'
  return {
    id,
    project: key.split('-')[0]?.toLowerCase() ?? 'shop',
    repo: `acme/${key.split('-')[0]?.toLowerCase()}`,
    number: Number(key.split('-')[1] ?? id),
    since,
    why: null,
    hold: null,
    actions: ended ? [] : ['stop'],
    stopping: false,
    cleaningUp: false,
    role: live ? (ROLE_OF[stage] ?? null) : null,
    run: live ? (runs.at(-1)?.id ?? null) : null,
    priority: 0,
    next: false,
    lane: isWorkStage(stage),
    createdAt: since - 300 * MINUTE,
    updatedAt: since,
    description: `As a customer I want this to work, so that I can rely on it.\n\n${seed.title}`,
    branch: `orch/${key}`,
    base: stage === 'queued' ? null : sha(id + 1000),
    head: stage === 'queued' ? null : sha(id),
    pullRequest: null,
    merge: stage === 'done' ? sha(id + 2000) : null,
    subject: null,
    budgets: [
      { name: 'attempts', used: phase === 'held' ? 3 : 1, limit: 3 },
      { name: 'reworks', used: id % 4, limit: 5 },
      { name: 'transients', used: id % 3, limit: 8 },
    ],
    agent: {},
    ...usageOf(runs),
    stages: stagesOf(stage, runs),
    runs,
    artefacts: [],
    gates: [],
    timeline: storyOf(id, stage, since, runs),
    ...seed,
  }
}

const ONE_RUN = { input: 21_300, cacheRead: 88_100, cacheCreation: 9_400, output: 6_900, costUsd: 0.34 }

export const anAgent = (more: Partial<RunAgentView> = {}): RunAgentView => ({
  runtime: 'claude',
  model: 'claude-opus-5-5',
  effort: 'high',
  fallback: null,
  reasons: ['model: claude-opus-5-5, set for everyone', 'effort: high, set for everyone', 'fallback: none'],
  models: [],
  fellBack: false,
  resumes: null,
  ...more,
})

function usageOf(runs: readonly RunView[]): Pick<TaskDetail, 'usage' | 'usageByRole'> {
  const byRole: Partial<Record<Role, Spent>> = {}
  const ended = runs.filter(({ role, usage }) => role !== null && usage !== null)
  for (const { role } of ended) if (role !== null) byRole[role] = times(ended.filter((run) => run.role === role).length)
  return { usage: times(ended.length), usageByRole: byRole }
}

const times = (runs: number): Spent => ({
  runs,
  usage: Object.fromEntries(Object.entries(ONE_RUN).map(([name, amount]) => [name, amount * runs])),
})

function stagesOf(stage: StageName, runs: readonly RunView[]): TaskDetail['stages'] {
  const way = STAGES.filter(
    (name) => (name !== 'cancelled' && name !== 'done') || name === stage || (name === 'done' && stage !== 'cancelled'),
  )
  const at = way.indexOf(stage)
  return way.map((name, index) => {
    const own = runs.filter((run) => run.stage === name)
    return {
      stage: name,
      title: TITLES[name],
      role: ROLE_OF[name] ?? null,
      state: index < at ? 'passed' : index === at ? 'current' : 'ahead',
      runs: own.length,
      ms: own.reduce((sum, run) => sum + ((run.endedAt ?? run.startedAt ?? 0) - (run.startedAt ?? 0)), 0),
    }
  })
}

function runsUpTo(id: number, stage: StageName, phase: TaskDetail['phase'], since: number): readonly RunView[] {
  const at = STAGES.indexOf(stage)
  const passed = STAGES.filter(
    (name, index) => isWorkStage(name) && (index < at || (index === at && phase !== 'running' && phase !== 'ready')),
  )
  const runs = passed.map((name, index): RunView => {
    const startedAt = since - (passed.length - index) * 31 * MINUTE
    return {
      id: `${id}.${index + 1}`,
      kind: 'agent',
      role: ROLE_OF[name] ?? null,
      stage: name,
      state: 'done',
      readyAt: startedAt - 20_000,
      notBefore: startedAt - 20_000,
      startedAt,
      endedAt: startedAt + (9 + index * 3) * MINUTE,
      sentence: null,
      usage: { ...ONE_RUN, model: 'claude-opus-5-5' },
      agent: anAgent({ models: ['claude-opus-5-5'] }),
    }
  })
  if (phase !== 'running' && phase !== 'ready') return runs
  const running = phase === 'running'
  return [
    ...runs,
    {
      id: `${id}.${runs.length + 1}`,
      kind: 'agent',
      role: ROLE_OF[stage] ?? null,
      stage,
      state: running ? 'admitted' : 'ready',
      readyAt: since,
      notBefore: since,
      startedAt: running ? since : null,
      endedAt: null,
      sentence: null,
      usage: null,
      agent: running ? anAgent() : null,
    },
  ]
}

function storyOf(id: number, stage: StageName, since: number, runs: readonly RunView[]): readonly TimelineEntry[] {
  const entries: Omit<TimelineEntry, 'id'>[] = [
    {
      at: since - 280 * MINUTE,
      is: 'event',
      title: 'Moved to To Analyse',
      text: null,
      by: 'mara',
      tone: 'plain',
      run: null,
    },
    {
      at: since - 270 * MINUTE,
      is: 'moved',
      title: 'queued → analysis',
      text: 'let in',
      by: null,
      tone: 'plain',
      run: null,
    },
  ]
  for (const run of runs) {
    const at = run.startedAt ?? run.readyAt
    entries.push({
      at,
      is: 'run',
      title: `${run.role} started (${run.stage})`,
      text: null,
      by: null,
      tone: 'plain',
      run: run.id,
    })
    if (run.endedAt === null) continue
    entries.push({
      at: run.endedAt,
      is: 'comment',
      title: `Finished ${run.stage}`,
      text: `${run.role} done · 118.8k in (97.5k cached) / 6.9k out · $0.34`,
      by: run.role,
      tone: 'plain',
      run: run.id,
    })
    entries.push({
      at: run.endedAt + 1_000,
      is: 'verdict',
      title: 'scope-kept passed',
      text: 'only files of its own were changed',
      by: null,
      tone: 'good',
      run: null,
    })
  }
  if (stage === 'done')
    entries.push({ at: since, is: 'moved', title: 'deploy → done', text: 'passed', by: null, tone: 'good', run: null })
  return entries.map((entry, index) => ({ id: id * 1_000 + index, ...entry }))
}
