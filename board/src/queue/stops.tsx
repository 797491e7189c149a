import type { QueueView } from '../../../src/core/view.ts'
import { Ago } from '../parts/ago.tsx'
import { Panel } from '../parts/panel.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { plain } from '../words/plain.ts'
import classes from './queue-page.module.css'
import { TaskLink } from './task-link.tsx'

export const Stops = ({ stops }: { stops: QueueView['stop'] }) =>
  stops.length > 0 && (
    <Panel title="Being stopped" flush>
      <ul className={classes.rows}>
        {stops.map(({ task, by, since, sentence }) => (
          <li key={task}>
            <TaskLink task={task} />
            <span>
              <StatusBadge status={{ label: 'Stopping', tone: 'bad', icon: 'stop' }} />
            </span>
            <span className={`${classes.wide} foreign`}>
              {plain(sentence)} <span className="dim">by {plain(by)}</span>
            </span>
            <span className={classes.end}>
              <Ago at={since} as="for" />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
