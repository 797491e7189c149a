import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { TaskAction, TaskSummary } from '../../../src/core/view.ts'
import type { StageName } from '../../../src/core/words.ts'
import { readAnew } from '../api/changes.ts'
import { Problem } from '../api/problem.ts'
import { useEnvironment } from './environment.ts'
import { focusHeadingIfLost } from './focus-heading.ts'
import { useRequestId } from './use-request-id.ts'

export interface OrderBody {
  readonly subject?: string
  readonly why?: string
  readonly to?: StageName
  readonly text?: string
}

/** One order to one task. It is pending until the task was read anew, so that no button shows what no longer holds. */
export function useOrder(key: string, action: TaskAction) {
  const { client } = useEnvironment()
  const queries = useQueryClient()
  const requestId = useRequestId()
  return useMutation({
    mutationFn: (body: OrderBody) =>
      client.post<TaskSummary>(`/api/tasks/${encodeURIComponent(key)}/${action}`, {
        ...body,
        requestId: requestId.of(body),
      }),
    onSettled: async (_, error) => {
      requestId.answered(error)
      if (error instanceof Problem && error.status === 401) void queries.invalidateQueries({ queryKey: ['me'] })
      await readAnew(queries, new Set([key]))
      focusHeadingIfLost(document)
    },
  })
}
