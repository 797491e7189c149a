import { Progress } from '@mantine/core'
import type { TaskDetail } from '../../../src/core/view.ts'
import { Panel } from '../parts/panel.tsx'
import { capital } from '../words/stages.ts'
import classes from './facts.module.css'

/** What is left before the task is held for a person. */
export const Budgets = ({ budgets }: Pick<TaskDetail, 'budgets'>) => (
  <Panel title="Budgets">
    <ul className={classes.budgets}>
      {budgets.map(({ name, used, limit }) => (
        <li key={name}>
          <span>{capital(name)}</span>
          <Progress
            value={limit === 0 ? 100 : Math.min(100, (used / limit) * 100)}
            color={used >= limit ? 'red.8' : 'orchid'}
            size="sm"
            aria-label={`${name}: ${used} of ${limit} used`}
          />
          <span className={used >= limit ? undefined : 'dim'}>
            {used} / {limit}
          </span>
        </li>
      ))}
    </ul>
  </Panel>
)
