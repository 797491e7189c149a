import { Button } from '@mantine/core'
import { useState } from 'react'
import type { TaskDetail } from '../../../src/core/view.ts'
import { useMe } from '../app/use-me.ts'
import { useOrder } from '../app/use-order.ts'
import { Icon } from '../parts/icon.tsx'
import { OrderProblem } from '../parts/order-problem.tsx'
import { StopDialog } from './stop-dialog.tsx'
import classes from './task-header.module.css'

/** What can be done wherever in its way a task is: its turn, and its end. */
export function HeaderActions({ task }: { task: TaskDetail }) {
  const canWrite = useMe()?.canWrite === true
  const next = useOrder(task.key, 'next')
  const [stopping, setStopping] = useState(false)
  return (
    <>
      <div className={classes.actions}>
        {task.actions.includes('next') && (
          <Button
            size="xs"
            variant="default"
            leftSection={<Icon name="next" />}
            loading={next.isPending}
            disabled={!canWrite}
            onClick={() => next.mutate({})}
          >
            Put first in line
          </Button>
        )}
        {task.actions.includes('stop') && (
          <Button
            size="xs"
            variant="default"
            className={classes.stop ?? ''}
            leftSection={<Icon name="stop" />}
            disabled={!canWrite}
            onClick={() => setStopping(true)}
          >
            Stop…
          </Button>
        )}
      </div>
      <div className={classes.problem}>
        <OrderProblem error={next.error} />
      </div>
      <StopDialog task={task} opened={stopping} onClose={() => setStopping(false)} />
    </>
  )
}
