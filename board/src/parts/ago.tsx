import { exact, span } from '../words/times.ts'
import { useTextOfTime } from './use-text-of-time.ts'

const JUST_NOW_MS = 10_000

interface Props {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** `for`: how long it has been so (`12 min`). `ago`: when it was (`12 min ago`). */
  readonly as?: 'for' | 'ago'
}

export function Ago({ at, as = 'ago' }: Props) {
  const text = useTextOfTime((now) => {
    if (as === 'for') return span(now - at)
    return now - at < JUST_NOW_MS ? 'just now' : `${span(now - at)} ago`
  })
  return (
    <time dateTime={new Date(at).toISOString()} title={exact(at)} style={{ whiteSpace: 'nowrap' }}>
      {text}
    </time>
  )
}
