/** The closed vocabularies of Orch. Everything else is built from these names; see CONTEXT.md for what they mean. */

/** A full Git object id (40 or 64 lower-case hexadecimal digits). */
export type Sha = string
/** Number of a task in the store, unique over all projects. */
export type TaskId = number
/** `<task>.<n>`: derived, so it is an idempotency key and a stale answer is refused by equality. */
export type RunId = string
/** Milliseconds since 1970-01-01T00:00:00Z. Always handed in, never read in the core. */
export type Millis = number

export const ROLES = ['analyst', 'architect', 'developer', 'reviewer', 'tester', 'deployer'] as const
export type Role = (typeof ROLES)[number]
/** Who speaks in a comment: a role, or `stream`, the neutral voice for moves of status. */
export type Voice = Role | 'stream'

export const WORK_STAGES = [
  'analysis',
  'architecture',
  'development',
  'review',
  'testing',
  'deploy-staging',
  'deploy',
] as const
export type WorkStage = (typeof WORK_STAGES)[number]
export const FINAL_STAGES = ['done', 'cancelled'] as const
export type FinalStage = (typeof FINAL_STAGES)[number]
export const STAGES = ['queued', ...WORK_STAGES, ...FINAL_STAGES] as const
export type StageName = (typeof STAGES)[number]

export const isWorkStage = (stage: StageName): stage is WorkStage => (WORK_STAGES as readonly string[]).includes(stage)
export const isFinalStage = (stage: StageName): stage is FinalStage => stage === 'done' || stage === 'cancelled'

/** What a run does. Every kind passes admission, fence, cancel and reaper alike. */
export const RUN_KINDS = ['agent', 'check', 'merge', 'deploy', 'watch'] as const
export type RunKind = (typeof RUN_KINDS)[number]

/** The statuses a tracker shows. The tracker's own names are mapped by its adapter; they are never our truth. */
export const TRACKER_STATUSES = ['to-analyse', ...STAGES, 'awaiting-approval', 'on-hold', 'stop'] as const
export type TrackerStatus = (typeof TRACKER_STATUSES)[number]

/** The documents that stages leave in `docs/tasks/<KEY>/`. */
export const ARTEFACTS = {
  analysis: '01-analysis.md',
  architecture: '02-architecture.md',
  review: '12-review.md',
  test: '13-test-report.md',
  staging: '14-staging-report.md',
  deploy: '15-deploy-log.md',
  watch: '16-post-deploy-log.md',
} as const
export type ArtefactName = keyof typeof ARTEFACTS

/** By what usage is summed up. */
export const USAGE_BY = ['role', 'task', 'project', 'day', 'model'] as const
export type UsageBy = (typeof USAGE_BY)[number]
