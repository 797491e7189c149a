import { PageLink } from '../parts/page-link.tsx'
import classes from './queue-page.module.css'

export const TaskLink = ({ task }: { task: string }) => (
  <PageLink to="/tasks/$key" params={{ key: task }} size="sm" className={classes.task ?? ''}>
    {task}
  </PageLink>
)
