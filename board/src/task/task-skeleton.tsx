import { Skeleton } from '@mantine/core'
import classes from './task-page.module.css'

/** The place of a task's page while it is read for the first time. */
export const TaskSkeleton = ({ taskKey }: { taskKey: string }) => (
  <div className={classes.page} aria-busy="true">
    <h1 tabIndex={-1} style={{ margin: 0, fontSize: '1.25rem' }}>
      {taskKey}
    </h1>
    <Skeleton height="1.5rem" width="60%" />
    <Skeleton height="4rem" radius="lg" />
    <Skeleton height="18rem" radius="lg" />
  </div>
)
