import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { MeView, QueueView, TaskDetail, TaskSummary, UsageView } from '../../../src/core/view.ts'
import type { UsageBy } from '../../../src/core/words.ts'
import type { Client } from './client.ts'
import { Problem } from './problem.ts'

const PAGE = 200

export interface TaskFilter {
  readonly project: string | undefined
  readonly state: 'open' | 'all'
  /** How many tasks are read at most; there may be any number of ended ones. */
  readonly atMost: number
}

export interface TaskList {
  readonly tasks: readonly TaskSummary[]
  /** There are older ones that were not read. */
  readonly more: boolean
}

interface TaskPage {
  readonly tasks: readonly TaskSummary[]
  readonly next: string | null
}

export const meQuery = (client: Client) =>
  queryOptions({ queryKey: ['me'], queryFn: ({ signal }) => client.get<MeView>('/api/me', signal) })

export const tasksQuery = (client: Client, filter: TaskFilter) =>
  queryOptions({
    queryKey: ['tasks', filter],
    queryFn: ({ signal }) => readTasks(client, filter, signal),
    placeholderData: keepPreviousData,
  })

export const taskQuery = (client: Client, key: string) =>
  queryOptions({
    queryKey: ['task', key],
    queryFn: ({ signal }) => client.get<TaskDetail>(`/api/tasks/${encodeURIComponent(key)}`, signal),
  })

export const queueQuery = (client: Client) =>
  queryOptions({ queryKey: ['queue'], queryFn: ({ signal }) => client.get<QueueView>('/queue', signal) })

export const usageQuery = (client: Client, by: UsageBy) =>
  queryOptions({
    queryKey: ['usage', by],
    queryFn: ({ signal }) => client.get<UsageView>(`/api/usage?by=${by}`, signal),
    placeholderData: keepPreviousData,
  })

/**
 * The text of an artefact as it is at `sha`; null where the server has none. `subject`, where it is read to be approved:
 * another subject is another text, whatever else stayed the same.
 */
export const artefactQuery = (
  client: Client,
  key: string,
  name: string,
  sha: string | null,
  subject: string | null = null,
) =>
  queryOptions({
    queryKey: ['artefact', key, name, sha, subject],
    queryFn: async ({ signal }) => {
      const path = `/api/tasks/${encodeURIComponent(key)}/artefacts/${encodeURIComponent(name)}`
      try {
        return await client.text(path, signal)
      } catch (error) {
        if (error instanceof Problem && error.status === 404) return null
        throw error
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  })

/** Pages are read one after the other: the cursor is a key, so nothing is skipped when tasks move between two reads. */
async function readTasks(client: Client, filter: TaskFilter, signal: AbortSignal): Promise<TaskList> {
  const found = new Map<number, TaskSummary>()
  let before: string | null = null
  do {
    const asked = new URLSearchParams({ state: filter.state, limit: String(PAGE) })
    if (filter.project !== undefined) asked.set('project', filter.project)
    if (before !== null) asked.set('before', before)
    const page: TaskPage = await client.get<TaskPage>(`/api/tasks?${asked}`, signal)
    for (const task of page.tasks) found.set(task.id, task)
    before = page.next
  } while (before !== null && found.size < filter.atMost)
  return { tasks: [...found.values()], more: before !== null }
}
