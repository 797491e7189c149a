import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import type { TaskSummary } from '../../../src/core/view.ts'
import { Ago } from '../parts/ago.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { plain } from '../words/plain.ts'
import { sentence } from '../words/sentence.ts'
import { capital } from '../words/stages.ts'
import { needsPerson, reasonOf, statusOf } from '../words/status.ts'
import { CardFlags } from './card-flags.tsx'
import classes from './task-card.module.css'

/** A task in a list. Title and reason are cut to two lines; whole they are in the tooltip and on the task's page. */
export const TaskCard = memo(function TaskCard({ task }: { task: TaskSummary }) {
  const status = statusOf(task)
  const reason = reasonOf(task)
  return (
    <Link
      to="/tasks/$key"
      params={{ key: task.key }}
      className={classes.card}
      data-tone={status.tone}
      data-person={needsPerson(task) || undefined}
      data-held={task.phase === 'held' || undefined}
      data-key={task.key}
      title={plain(task.title)}
    >
      <span className={classes.top}>
        <span className={classes.key}>{task.key}</span>
        <span className={classes.time}>
          <Ago at={task.since} as="for" />
        </span>
      </span>
      <span className={`${classes.title} foreign`}>{plain(task.title)}</span>
      {reason !== null && (
        <span className={`${classes.why} foreign`} title={plain(task.why ?? '')}>
          {reason.title !== null && <strong>{capital(reason.title)}: </strong>}
          {reason.title === null ? sentence(reason.text) : plain(reason.text)}
        </span>
      )}
      <span className={classes.status}>
        <StatusBadge status={status} />
        <CardFlags task={task} />
        {task.cleaningUp && <StatusBadge status={{ label: 'Cleaning up', tone: 'plain', icon: 'waiting' }} />}
      </span>
    </Link>
  )
})
