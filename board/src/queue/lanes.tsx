import type { QueueView } from '../../../src/core/view.ts'
import { Nothing } from '../parts/nothing.tsx'
import { Panel } from '../parts/panel.tsx'
import { plain } from '../words/plain.ts'
import classes from './queue-page.module.css'
import { TaskLink } from './task-link.tsx'

/** Per repository: who owns the lane, and who waits for it in which order. */
export const Lanes = ({ gate }: { gate: QueueView['serial_gate'] }) => (
  <Panel
    title="Serial gate"
    aside={<span className="dim">{gate.enabled ? 'one task per repository' : 'switched off'}</span>}
    flush
  >
    {gate.lanes.length === 0 && <Nothing>No repository has a task under way or waiting.</Nothing>}
    {gate.lanes.map(({ repo, owner, waiting }) => (
      <div key={repo} className={classes.lane}>
        <div className={classes.laneHead}>
          <strong className="foreign">{repo}</strong>
          {owner === null ? (
            <span className="dim">lane free</span>
          ) : (
            <span className="dim">
              lane owned by <TaskLink task={owner} />
            </span>
          )}
          {waiting.length === 0 && <span className="dim">nobody waits</span>}
        </div>
        {waiting.length > 0 && (
          <ol className={classes.line} aria-label={`Waiting for ${repo}`}>
            {waiting.map(({ task, position, why }) => (
              <li key={task}>
                <span>{position}</span>
                <TaskLink task={task} />
                <span className="foreign dim">{plain(why)}</span>
              </li>
            ))}
          </ol>
        )}
      </div>
    ))}
  </Panel>
)
