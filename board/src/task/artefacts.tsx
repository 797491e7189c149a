import { Button } from '@mantine/core'
import { useState } from 'react'
import type { TaskDetail } from '../../../src/core/view.ts'
import { Copyable } from '../parts/copyable.tsx'
import { Icon } from '../parts/icon.tsx'
import { Nothing } from '../parts/nothing.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { short } from '../words/amounts.ts'
import { plain } from '../words/plain.ts'
import { ArtefactText } from './artefact-text.tsx'
import classes from './rows.module.css'

/** The documents that stages left. */
export function Artefacts({ task }: { task: TaskDetail }) {
  const [opened, setOpened] = useState<string | null>(null)
  if (task.artefacts.length === 0) return <Nothing>No stage has left a document yet.</Nothing>
  return (
    <ul className={classes.rows}>
      {task.artefacts.map((artefact) => {
        const id = `${artefact.name} ${artefact.run}`
        const open = opened === id
        return (
          <li key={id} className={classes.row} data-lead>
            <span className={classes.lead}>
              <StatusBadge
                status={
                  artefact.problem === null
                    ? { label: 'Valid', tone: 'good', icon: 'done' }
                    : { label: 'Problem', tone: 'bad', icon: 'cancelled' }
                }
              />
            </span>
            <div className={classes.main}>
              <strong className="foreign">{plain(artefact.path.split('/').at(-1) ?? artefact.path)}</strong>
              {artefact.problem !== null && <div className={`${classes.bad} foreign`}>{plain(artefact.problem)}</div>}
              <div className={classes.small}>
                written by run <span className="mono">{artefact.run}</span>
                {artefact.sha !== null && (
                  <>
                    {' '}
                    at <Copyable value={artefact.sha} shown={short(artefact.sha)} label="the commit" />
                  </>
                )}
              </div>
            </div>
            <div className={classes.end}>
              <Button
                size="compact-xs"
                variant="default"
                aria-expanded={open}
                rightSection={<Icon name="down" size={11} />}
                onClick={() => setOpened(open ? null : id)}
              >
                {open ? 'Close' : 'Read'}
              </Button>
            </div>
            {open && (
              <div className={classes.below}>
                <ArtefactText task={task} artefact={artefact} />
              </div>
            )}
          </li>
        )
      })}
    </ul>
  )
}
