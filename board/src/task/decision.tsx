import type { TaskDetail } from '../../../src/core/view.ts'
import { useMe } from '../app/use-me.ts'
import { Icon } from '../parts/icon.tsx'
import { sentence } from '../words/sentence.ts'
import { reasonOf, statusOf } from '../words/status.ts'
import { AnswerForm } from './answer-form.tsx'
import { Approval } from './approval.tsx'
import classes from './decision.module.css'
import { WaysOn } from './ways-on.tsx'

/** Why the task is where it is, and what a person can decide about it: exactly what the server says is possible. */
export function Decision({ task }: { task: TaskDetail }) {
  const canWrite = useMe()?.canWrite === true
  const { actions } = task
  const reason = reasonOf(task)
  const open = actions.some((action) => action !== 'stop' && action !== 'next')
  if (reason === null && !open) return null
  const { tone, icon } = statusOf(task)
  const others = <WaysOn task={task} canWrite={canWrite} />
  return (
    <section className={classes.decision} data-tone={tone} aria-label="What is expected">
      {reason !== null && (
        <div className={classes.why} aria-live="polite">
          <Icon name={icon} size={16} />
          <div>
            {reason.title !== null && <strong className={classes.held}>On hold: {reason.title}</strong>}
            <p className="foreign">{sentence(reason.text)}</p>
          </div>
        </div>
      )}
      {actions.includes('approve') ? (
        <Approval task={task} canWrite={canWrite}>
          {others}
        </Approval>
      ) : actions.includes('answer') ? (
        <AnswerForm task={task} canWrite={canWrite}>
          {others}
        </AnswerForm>
      ) : (
        open && <div className={`${classes.block} ${classes.row}`}>{others}</div>
      )}
    </section>
  )
}
