import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import type { TaskSummary } from '../../../src/core/view.ts'
import { readAnew } from '../api/changes.ts'
import { useEnvironment } from '../app/environment.ts'
import { useRequestId } from '../app/use-request-id.ts'

export interface NewTask {
  readonly project: string
  readonly title: string
  readonly description: string
  readonly priority: number
}

/** Creates one task, however often it is asked to before the answer. */
export function useCreate(onCreated: (key: string) => void) {
  const { client } = useEnvironment()
  const queries = useQueryClient()
  const requestId = useRequestId()
  const underWay = useRef(false)
  const creation = useMutation({
    mutationFn: (task: NewTask) => client.post<TaskSummary>('/api/tasks', { ...task, requestId: requestId.of(task) }),
    onSuccess: (task) => {
      void readAnew(queries, new Set([task.key]))
      onCreated(task.key)
    },
    onSettled: (_, error) => {
      underWay.current = false
      requestId.answered(error)
    },
  })
  return {
    error: creation.error,
    pending: creation.isPending,
    send: (task: NewTask) => {
      if (underWay.current) return
      underWay.current = true
      creation.mutate(task)
    },
  }
}
