import type { QueueView } from '../../../src/core/view.ts'
import { Panel } from '../parts/panel.tsx'
import { plain } from '../words/plain.ts'
import classes from './queue-page.module.css'
import { TaskLink } from './task-link.tsx'

export const GatesWaiting = ({ gates }: { gates: QueueView['gates'] }) =>
  gates.length > 0 && (
    <Panel title="Waiting at gates" flush>
      <ul className={classes.rows}>
        {gates.map(({ task, gate, sentence }) => (
          <li key={`${task} ${gate}`}>
            <TaskLink task={task} />
            <span>{gate}</span>
            <span className={`${classes.wide} foreign dim`}>{plain(sentence)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
