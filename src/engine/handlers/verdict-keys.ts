/** The verdict keys of the deployer's documents, written from evidence and never by an agent. */
import type { Task } from '#core/model.ts'
import type { ArtefactName } from '#core/words.ts'

export type VerdictKeys = Readonly<Record<string, string>>

/** null for documents whose keys are the agent's own. */
export function verdictKeys(task: Task, artefact: ArtefactName): VerdictKeys | null {
  const { staging, merge, production } = task.evidence
  switch (artefact) {
    case 'staging':
      return staging === undefined
        ? { staging_status: 'SUCCESS', staging: 'not configured' }
        : {
            staging_status: staging.verdict === 'success' ? 'SUCCESS' : 'FAILED',
            sha: staging.sha,
            reason: staging.sentence,
          }
    case 'deploy':
      return {
        deploy_status: production === undefined || production.verdict === 'success' ? 'SUCCESS' : 'FAILED',
        merge_commit: merge?.merge ?? 'none',
        production: production?.sentence ?? 'not configured',
      }
    default:
      return null
  }
}
