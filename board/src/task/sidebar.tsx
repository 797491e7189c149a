import type { TaskDetail } from '../../../src/core/view.ts'
import { Budgets } from './budgets.tsx'
import { Facts } from './facts.tsx'
import classes from './task-page.module.css'
import { UsageTable } from './usage-table.tsx'

export const Sidebar = ({ task }: { task: TaskDetail }) => (
  <aside className={classes.side} aria-label="Facts">
    <Facts task={task} />
    <UsageTable total={task.usage} byRole={task.usageByRole} />
    <Budgets budgets={task.budgets} />
  </aside>
)
