import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { TaskDetail } from '../../../src/core/view.ts'
import { useOrder } from '../app/use-order.ts'
import { Callout } from '../parts/callout.tsx'
import { Icon } from '../parts/icon.tsx'
import { OrderProblem } from '../parts/order-problem.tsx'
import { ApprovalSubject } from './approval-subject.tsx'
import classes from './decision.module.css'
import { useSubjectText } from './use-subject-text.ts'

const BOUND: Readonly<Record<ReturnType<typeof useSubjectText>, string>> = {
  shown: 'An approval is bound to exactly what is shown here.',
  reading: 'It can be approved as soon as its text is shown here.',
  missing: 'It cannot be approved here while its text is not shown.',
}

interface Props {
  readonly task: TaskDetail
  readonly canWrite: boolean
  /** The other ways on. */
  readonly children: ReactNode
}

/**
 * An approval names what was shown, so there is none of what is not shown. If that changes while a person reads, the
 * page shows the new text, as it must, and asks them to look again before it lets them approve it.
 */
export function Approval({ task, canWrite, children }: Props) {
  const approve = useOrder(task.key, 'approve')
  const [seen, setSeen] = useState(task.subject)
  const text = useSubjectText(task)
  const changed = task.subject !== seen
  const lookedAgain = () => {
    setSeen(task.subject)
    approve.reset()
  }
  return (
    <div className={classes.block}>
      <ApprovalSubject task={task} />
      {changed && (
        <Callout tone="waiting" icon="warning" title="This was changed while you were looking at it">
          {text === 'shown' ? 'What is shown above is the new text.' : 'The new text is not here yet.'}{' '}
          <Button size="compact-xs" variant="default" disabled={text !== 'shown'} onClick={lookedAgain}>
            I have looked again
          </Button>
        </Callout>
      )}
      <OrderProblem error={approve.error} />
      <div className={classes.row}>
        <Button
          size="sm"
          leftSection={<Icon name="done" />}
          loading={approve.isPending}
          disabled={!canWrite || changed || text !== 'shown'}
          onClick={() => task.subject !== null && approve.mutate({ subject: task.subject })}
        >
          {task.phase === 'held' ? 'Accept this change' : 'Approve the analysis'}
        </Button>
        {children}
        <span className={classes.bound}>{BOUND[text]}</span>
      </div>
    </div>
  )
}
