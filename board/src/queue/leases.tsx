import type { QueueView } from '../../../src/core/view.ts'
import { Panel } from '../parts/panel.tsx'
import classes from './queue-page.module.css'
import { TaskLink } from './task-link.tsx'

/** Who may merge into which repository now. */
export const Leases = ({ leases }: { leases: QueueView['leases'] }) =>
  leases.length > 0 && (
    <Panel title="Merge leases" flush>
      <ul className={classes.rows}>
        {leases.map(({ repo, task, fence }) => (
          <li key={repo}>
            <TaskLink task={task} />
            <span className="dim">fence {fence}</span>
            <span className={`${classes.wide} foreign`}>may merge into {repo}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
