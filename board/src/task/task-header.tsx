import type { TaskDetail } from '../../../src/core/view.ts'
import { Ago } from '../parts/ago.tsx'
import { Icon } from '../parts/icon.tsx'
import { PageLink } from '../parts/page-link.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { plain } from '../words/plain.ts'
import { priorityTitle } from '../words/priorities.ts'
import { STAGE_TITLES } from '../words/stages.ts'
import { statusOf } from '../words/status.ts'
import { HeaderActions } from './header-actions.tsx'
import classes from './task-header.module.css'

export function TaskHeader({ task }: { task: TaskDetail }) {
  return (
    <header className={classes.header}>
      <div className={classes.top}>
        <div className={classes.where}>
          <PageLink to="/" size="sm" className={classes.back ?? ''}>
            <Icon name="back" /> Board
          </PageLink>
          <span aria-hidden="true">/</span>
          <strong>{task.key}</strong>
        </div>
        <HeaderActions task={task} />
      </div>
      <h1 className={`${classes.title} foreign`} tabIndex={-1}>
        {plain(task.title)}
      </h1>
      <div className={classes.state}>
        <StatusBadge status={statusOf(task)} large />
        {task.phase !== 'final' && <span>in {STAGE_TITLES[task.stage]}</span>}
        <span>
          {task.phase !== 'final' && 'for '}
          <Ago at={task.since} as={task.phase === 'final' ? 'ago' : 'for'} />
        </span>
        {task.cleaningUp && <StatusBadge status={{ label: 'Cleaning up', tone: 'plain', icon: 'waiting' }} large />}
        {task.lane && <span className={classes.flag}>owns the lane of {task.repo}</span>}
        {task.next && <span className={classes.flag}>next in line</span>}
        {task.priority > 0 && (
          <span className={classes.flag}>{priorityTitle(task.priority).toLowerCase()} priority</span>
        )}
      </div>
    </header>
  )
}
