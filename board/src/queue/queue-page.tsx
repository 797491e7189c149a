import { useQuery } from '@tanstack/react-query'
import { queueQuery } from '../api/queries.ts'
import { useEnvironment } from '../app/environment.ts'
import { usePageTitle } from '../app/use-page-title.ts'
import { Ago } from '../parts/ago.tsx'
import { ProblemAlert } from '../parts/problem-alert.tsx'
import { Breakers } from './breakers.tsx'
import { Freezes } from './freezes.tsx'
import { GatesWaiting } from './gates-waiting.tsx'
import { Lanes } from './lanes.tsx'
import { Leases } from './leases.tsx'
import { OtherBlocks } from './other-blocks.tsx'
import { QueueFigures } from './queue-figures.tsx'
import classes from './queue-page.module.css'
import { QueueRuns } from './queue-runs.tsx'
import { QueueSkeleton } from './queue-skeleton.tsx'
import { Stops } from './stops.tsx'

/** Why everything that waits, waits. */
export function QueuePage() {
  usePageTitle('Queue')
  const { client } = useEnvironment()
  const { data: queue, error } = useQuery(queueQuery(client))
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1 tabIndex={-1}>Queue</h1>
        {queue && (
          <span className="dim">
            as of <Ago at={queue.at} />
          </span>
        )}
      </header>
      <ProblemAlert error={error} title={queue ? 'What follows may be out of date' : 'The queue could not be read'} />
      {!queue && error === null && <QueueSkeleton />}
      {queue && (
        <>
          <QueueFigures queue={queue} />
          <Freezes freezes={queue.freeze} />
          <Breakers breakers={queue.breakers} />
          <Stops stops={queue.stop} />
          <QueueRuns runs={queue.runs} />
          <Lanes gate={queue.serial_gate} />
          <GatesWaiting gates={queue.gates} />
          <Leases leases={queue.leases} />
          <OtherBlocks queue={queue} />
        </>
      )}
    </div>
  )
}
