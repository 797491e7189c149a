import { Button } from '@mantine/core'
import { useState } from 'react'
import type { TimelineEntry } from '../../../src/core/view.ts'
import { Nothing } from '../parts/nothing.tsx'
import { plural } from '../words/amounts.ts'
import classes from './timeline.module.css'
import { TimelineLine } from './timeline-line.tsx'

const SHOWN = 60

interface Props {
  /** Oldest first, as they happened; shown the other way round. */
  readonly entries: readonly TimelineEntry[]
  readonly onRun: (id: string) => void
}

export function Timeline({ entries, onRun }: Props) {
  const [all, setAll] = useState(false)
  const newestFirst = entries.toReversed()
  const shown = all ? newestFirst : newestFirst.slice(0, SHOWN)
  const hidden = entries.length - shown.length
  if (entries.length === 0) return <Nothing>Nothing has happened yet.</Nothing>
  return (
    <>
      <ol className={classes.timeline} aria-label="What happened, newest first">
        {shown.map((entry) => (
          <TimelineLine key={entry.id} entry={entry} onRun={onRun} />
        ))}
      </ol>
      {hidden > 0 && (
        <div className={classes.more}>
          <Button variant="default" size="xs" onClick={() => setAll(true)}>
            Show {plural(hidden, 'earlier entry', 'earlier entries')}
          </Button>
        </div>
      )}
    </>
  )
}
