import type { RunView } from '../../../src/core/view.ts'
import { Ago } from '../parts/ago.tsx'
import { useTextOfTime } from '../parts/use-text-of-time.ts'
import { span } from '../words/times.ts'

/** How long a run took, takes, or has still to wait. */
export function RunTime({ run }: { run: RunView }) {
  const text = useTextOfTime((now) => {
    if (run.startedAt !== null) return span((run.endedAt ?? now) - run.startedAt)
    return run.notBefore > now ? `not before ${span(run.notBefore - now)} from now` : 'ready for'
  })
  if (run.startedAt === null) {
    return (
      <>
        {text} {text === 'ready for' && <Ago at={run.readyAt} as="for" />}
      </>
    )
  }
  return (
    <>
      {run.endedAt === null ? 'running for ' : 'took '}
      {text} · started <Ago at={run.startedAt} />
    </>
  )
}
