import { Button, Textarea } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { TaskDetail } from '../../../src/core/view.ts'
import { useOrder } from '../app/use-order.ts'
import { ProblemAlert } from '../parts/problem-alert.tsx'
import classes from './decision.module.css'

interface Props {
  readonly task: TaskDetail
  readonly canWrite: boolean
  /** The other ways on. */
  readonly children: ReactNode
}

export function AnswerForm({ task, canWrite, children }: Props) {
  const answer = useOrder(task.key, 'answer')
  const [text, setText] = useState('')
  const [tried, setTried] = useState(false)
  const missing = text.trim() === ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (!missing && !answer.isPending) answer.mutate({ text: text.trim() })
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
      <ProblemAlert error={answer.error} title="Nothing was changed" />
      <div className={classes.row}>
        <Button type="submit" size="sm" loading={answer.isPending} disabled={!canWrite}>
          Answer and go on
        </Button>
        {children}
      </div>
    </form>
  )
}
