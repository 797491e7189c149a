import type { RunView } from '../../../src/core/view.ts'
import { Nothing } from '../parts/nothing.tsx'
import classes from './rows.module.css'
import { RunRow } from './run-row.tsx'

interface Props {
  readonly runs: readonly RunView[]
  /** Id of the one whose log is shown. */
  readonly opened: string | undefined
  readonly onOpen: (id: string | undefined) => void
}

/** The newest first, like the timeline. */
export const Runs = ({ runs, opened, onOpen }: Props) =>
  runs.length === 0 ? (
    <Nothing>Nothing has run yet.</Nothing>
  ) : (
    <ul className={classes.rows}>
      {runs.toReversed().map((run) => (
        <RunRow
          key={run.id}
          run={run}
          open={run.id === opened}
          onToggle={() => onOpen(run.id === opened ? undefined : run.id)}
        />
      ))}
    </ul>
  )
