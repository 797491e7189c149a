import { useRef } from 'react'
import { Problem } from '../api/problem.ts'
import { newRequestId } from '../api/request-id.ts'

export interface RequestId {
  /** The same for the same words as long as they were not answered, so that trying again is safe. */
  readonly of: (words: object) => string
  /** The order was answered: a later one is another order. */
  readonly answered: (error: unknown) => void
}

/**
 * The server does an order once per id and answers a repeat as it answered the first. So an id stands for one exact
 * order: whoever changes the words after a try without an answer gives another order, and is not told that it was done.
 */
export function useRequestId(): RequestId {
  const open = useRef<{ readonly words: string; readonly id: string } | null>(null)
  return {
    of: (order) => {
      const words = JSON.stringify(order)
      if (open.current?.words !== words) open.current = { words, id: newRequestId() }
      return open.current.id
    },
    answered: (error) => {
      if (error === null || (error instanceof Problem && error.refused)) open.current = null
    },
  }
}
