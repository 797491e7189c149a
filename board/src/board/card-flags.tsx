import type { TaskSummary } from '../../../src/core/view.ts'
import { priorityTitle } from '../words/priorities.ts'
import classes from './task-card.module.css'

/** What changes a task's turn: a raised priority, or that a person said "this one next". */
export const CardFlags = ({ task }: { task: TaskSummary }) => (
  <>
    {task.next && <span className={classes.flag}>next</span>}
    {task.priority >= 3 && <span className={classes.flag}>{priorityTitle(task.priority).toLowerCase()}</span>}
  </>
)
