import type { QueueView } from '../../../src/core/view.ts'
import { Ago } from '../parts/ago.tsx'
import { Panel } from '../parts/panel.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { plain } from '../words/plain.ts'
import { exact } from '../words/times.ts'
import classes from './queue-page.module.css'

export const Freezes = ({ freezes }: { freezes: QueueView['freeze'] }) =>
  freezes.length > 0 && (
    <Panel title="Frozen repositories" flush>
      <ul className={classes.rows}>
        {freezes.map(({ repo, reason, by, since, until }) => (
          <li key={repo}>
            <strong className="foreign">{repo}</strong>
            <span>
              <StatusBadge status={{ label: 'Frozen', tone: 'bad', icon: 'lock' }} />
            </span>
            <span className={`${classes.wide} foreign`}>
              {plain(reason)} <span className="dim">by {plain(by)}</span>
            </span>
            <span className={classes.end}>
              for <Ago at={since} as="for" />
              <br />
              {until === null ? 'until a person lifts it' : `until ${exact(until)}`}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
