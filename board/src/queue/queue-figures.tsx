import type { QueueView } from '../../../src/core/view.ts'
import type { Tone } from '../words/status.ts'
import classes from './queue-page.module.css'

/** How much there is of everything; what should be zero and is not, stands out. */
export function QueueFigures({ queue: { jobs, effects, reaper } }: { queue: QueueView }) {
  return (
    <dl className={classes.figures}>
      <Figure name="runs ready" value={jobs.ready} />
      <Figure name="runs at work" value={jobs.admitted} />
      <Figure name="runs being ended" value={jobs.cancelling} />
      <Figure name="outside writes due" value={effects.pending} />
      <Figure name="of unknown outcome" value={effects.unknown} tone="waiting" />
      <Figure name="refused outside" value={effects.failed} tone="bad" />
      <Figure name="runs lost" value={reaper.lost} tone="waiting" />
    </dl>
  )
}

const Figure = ({ name, value, tone }: { name: string; value: number; tone?: Tone }) => (
  <div data-tone={value > 0 ? tone : undefined}>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
)
