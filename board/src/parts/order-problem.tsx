import { Problem, sentenceOf } from '../api/problem.ts'
import { Callout } from './callout.tsx'

interface Props {
  /** Nothing is shown while it is null. */
  readonly error: unknown
  /** What is true when the server says that it did nothing. */
  readonly title?: string
}

/** An order that failed. Without an answer nobody knows whether it was done, so the opposite is not claimed either. */
export function OrderProblem({ error, title = 'Nothing was changed' }: Props) {
  if (error === null) return null
  const undone = error instanceof Problem && error.undone
  return (
    <Callout tone="bad" icon="warning" title={undone ? title : 'It is not known whether this was done'}>
      <span className="foreign">{sentenceOf(error)}</span>
      {!undone && ' However often it is tried, it is done only once.'}
    </Callout>
  )
}
