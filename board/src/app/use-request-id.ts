import { useRef } from 'react'
import { Problem } from '../api/problem.ts'
import { newRequestId } from '../api/request-id.ts'

export interface RequestId {
  readonly current: () => string
  /** The order was answered: a later one is another order. Without an answer the id stays, so that trying again is safe. */
  readonly answered: (error: unknown) => void
}

export function useRequestId(): RequestId {
  const id = useRef<string | null>(null)
  return {
    current: () => {
      id.current ??= newRequestId()
      return id.current
    },
    answered: (error) => {
      if (error === null || (error instanceof Problem && error.refused)) id.current = null
    },
  }
}
