import { sentenceOf } from '../api/problem.ts'
import { Callout } from './callout.tsx'

interface Props {
  /** Nothing is shown while it is null. */
  readonly error: unknown
  readonly title?: string
}

/** An error as it happened, in the server's own sentence where it gave one. */
export const ProblemAlert = ({ error, title }: Props) =>
  error !== null &&
  error !== undefined && (
    <Callout tone="bad" icon="warning" title={title}>
      <span className="foreign">{sentenceOf(error)}</span>
    </Callout>
  )
