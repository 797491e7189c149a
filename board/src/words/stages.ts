import { isFinalStage, STAGES, type StageName, WORK_STAGES } from '../../../src/core/words.ts'

export type { StageName }
export { isFinalStage, STAGES }

export const STAGE_TITLES: Readonly<Record<StageName, string>> = {
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

/** Stages that a task in `stage` can be sent back to: the earlier ones and its own. */
export const reworkStages = (stage: StageName): readonly StageName[] =>
  WORK_STAGES.slice(0, (WORK_STAGES as readonly StageName[]).indexOf(stage) + 1)

export const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
