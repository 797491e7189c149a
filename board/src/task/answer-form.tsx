import { Button, Textarea } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { TaskDetail } from '../../../src/core/view.ts'
import { useDraft } from '../app/use-draft.ts'
import { useOrder } from '../app/use-order.ts'
import { OrderProblem } from '../parts/order-problem.tsx'
import classes from './decision.module.css'

interface Props {
  readonly task: TaskDetail
  readonly canWrite: boolean
  /** The other ways on. */
  readonly children: ReactNode
}

export function AnswerForm({ task, canWrite, children }: Props) {
  const answer = useOrder(task.key, 'answer')
  const [text, setText, forget] = useDraft(`answer-${task.key}`, '')
  const [tried, setTried] = useState(false)
  const missing = text.trim() === ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    // By the promise: once it is answered this form may be gone, and its callbacks with it.
    if (!missing && !answer.isPending) answer.mutateAsync({ text: text.trim() }).then(forget, () => {})
  }
  return (
    <form className={classes.block} onSubmit={submit} noValidate>
      <Textarea
        label="Your answer"
        autosize
        minRows={3}
        maxRows={12}
        disabled={!canWrite}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={tried && missing ? 'Write an answer first.' : undefined}
      />
      <OrderProblem error={answer.error} />
      <div className={classes.row}>
        <Button type="submit" size="sm" loading={answer.isPending} disabled={!canWrite}>
          Answer and go on
        </Button>
        {children}
      </div>
    </form>
  )
}
