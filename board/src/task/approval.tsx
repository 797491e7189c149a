import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { TaskDetail } from '../../../src/core/view.ts'
import { useOrder } from '../app/use-order.ts'
import { Callout } from '../parts/callout.tsx'
import { Icon } from '../parts/icon.tsx'
import { ProblemAlert } from '../parts/problem-alert.tsx'
import { ApprovalSubject } from './approval-subject.tsx'
import classes from './decision.module.css'

interface Props {
  readonly task: TaskDetail
  readonly canWrite: boolean
  /** The other ways on. */
  readonly children: ReactNode
}

/**
 * An approval names what was shown. If that changes while a person reads, the page shows the new text, as it must,
 * and asks them to look again before it lets them approve it.
 */
export function Approval({ task, canWrite, children }: Props) {
  const approve = useOrder(task.key, 'approve')
  const [seen, setSeen] = useState(task.subject)
  const changed = task.subject !== seen
  return (
    <div className={classes.block}>
      <ApprovalSubject task={task} />
      {changed && (
        <Callout tone="waiting" icon="warning" title="This was changed while you were looking at it">
          What is shown above is the new text.{' '}
          <Button size="compact-xs" variant="default" onClick={() => setSeen(task.subject)}>
            I have looked again
          </Button>
        </Callout>
      )}
      <ProblemAlert error={approve.error} title="Nothing was changed" />
      <div className={classes.row}>
        <Button
          size="sm"
          leftSection={<Icon name="done" />}
          loading={approve.isPending}
          disabled={!canWrite || changed}
          onClick={() => approve.mutate(task.subject === null ? {} : { subject: task.subject })}
        >
          {task.phase === 'held' ? 'Accept this change' : 'Approve the analysis'}
        </Button>
        {children}
        <span className={classes.bound}>An approval is bound to exactly what is shown here.</span>
      </div>
    </div>
  )
}
