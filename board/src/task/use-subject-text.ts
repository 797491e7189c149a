import { useQuery } from '@tanstack/react-query'
import type { ArtefactView, TaskDetail } from '../../../src/core/view.ts'
import { artefactQuery } from '../api/queries.ts'
import { useEnvironment } from '../app/environment.ts'

export const analysisOf = (task: TaskDetail): ArtefactView | undefined =>
  task.artefacts.find(({ path, name }) => name === 'analysis' || path.endsWith('/01-analysis.md'))

/**
 * Whether what an approval would be bound to is on the page now. Never `shown` on a guess: a text that is still being
 * read, could not be read or belongs to another subject is not one that a person has seen.
 */
export function useSubjectText(task: TaskDetail): 'shown' | 'reading' | 'missing' {
  const { client } = useEnvironment()
  const analysis = analysisOf(task)
  const onHold = task.phase === 'held'
  const text = useQuery({
    ...artefactQuery(client, task.key, analysis?.name ?? '', analysis?.sha ?? null, task.subject),
    enabled: analysis !== undefined && !onHold,
  })
  if (task.subject === null) return 'missing'
  // On hold it is the sentence above, which came with the subject itself.
  if (onHold || typeof text.data === 'string') return 'shown'
  return analysis !== undefined && text.isPending ? 'reading' : 'missing'
}
