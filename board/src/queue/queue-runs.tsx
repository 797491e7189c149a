import type { QueueView } from '../../../src/core/view.ts'
import { Ago } from '../parts/ago.tsx'
import { Nothing } from '../parts/nothing.tsx'
import { Panel } from '../parts/panel.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { plain } from '../words/plain.ts'
import { runStatus, runTitle } from '../words/runs.ts'
import classes from './queue-page.module.css'
import { TaskLink } from './task-link.tsx'

export const QueueRuns = ({ runs }: { runs: QueueView['runs'] }) => (
  <Panel title="Runs" flush>
    {runs.length === 0 ? (
      <Nothing>Nothing runs, and nothing waits to run.</Nothing>
    ) : (
      <ul className={classes.rows}>
        {runs.map((run) => (
          <li key={run.run}>
            <TaskLink task={run.task} />
            <span>
              <StatusBadge status={runStatus(run.state)} />
            </span>
            <span className={classes.wide}>
              {runTitle(run)} <span className="mono dim">{run.run}</span>
              {run.host !== null && <span className="dim"> on {plain(run.host)}</span>}
              {run.why !== null && <span className="foreign dim">: {plain(run.why)}</span>}
            </span>
            <span className={classes.end}>
              <Ago at={run.since} as="for" />
            </span>
          </li>
        ))}
      </ul>
    )}
  </Panel>
)
