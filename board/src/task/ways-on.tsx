import { Button } from '@mantine/core'
import { useState } from 'react'
import type { TaskDetail } from '../../../src/core/view.ts'
import { useOrder } from '../app/use-order.ts'
import { OrderProblem } from '../parts/order-problem.tsx'
import classes from './decision.module.css'
import { ReworkDialog } from './rework-dialog.tsx'

interface Props {
  readonly task: TaskDetail
  readonly canWrite: boolean
}

/** Buttons for trying again and sending back, where the server says that these are possible. */
export function WaysOn({ task, canWrite }: Props) {
  const [reworking, setReworking] = useState(false)
  const retry = useOrder(task.key, 'retry')
  return (
    <>
      {task.actions.includes('retry') && (
        <Button size="sm" loading={retry.isPending} disabled={!canWrite} onClick={() => retry.mutate({})}>
          Try once more
        </Button>
      )}
      {task.actions.includes('rework') && (
        <Button size="sm" variant="default" disabled={!canWrite || retry.isPending} onClick={() => setReworking(true)}>
          Send back…
        </Button>
      )}
      <div className={classes.problem}>
        <OrderProblem error={retry.error} />
      </div>
      <ReworkDialog task={task} opened={reworking} onClose={() => setReworking(false)} />
    </>
  )
}
