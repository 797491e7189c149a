import { Button, Group, Modal, NativeSelect, Stack, Textarea } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { TaskDetail } from '../../../src/core/view.ts'
import { useDraft } from '../app/use-draft.ts'
import { useOrder } from '../app/use-order.ts'
import { OrderProblem } from '../parts/order-problem.tsx'
import { reworkStages, STAGE_TITLES, type StageName } from '../words/stages.ts'

interface Props {
  readonly task: TaskDetail
  readonly opened: boolean
  readonly onClose: () => void
}

export function ReworkDialog({ task, opened, onClose }: Props) {
  const rework = useOrder(task.key, 'rework')
  const [why, setWhy, forget] = useDraft(`rework-${task.key}`, '')
  const [to, setTo] = useState<StageName | ''>('')
  const [tried, setTried] = useState(false)
  const missing = why.trim() === ''

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (missing || rework.isPending) return
    // By the promise: once it is answered this dialog may be gone, and its callbacks with it.
    rework.mutateAsync({ why: why.trim(), ...(to !== '' && { to }) }).then(
      () => {
        forget()
        setTo('')
        setTried(false)
        onClose()
      },
      () => {},
    )
  }

  return (
    <Modal opened={opened} onClose={onClose} title={`Send ${task.key} back`}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <Textarea
            label="Reason"
            description="The next run reads it: say what is wrong and what is expected"
            withAsterisk
            data-autofocus
            autosize
            minRows={4}
            maxRows={12}
            value={why}
            onChange={(event) => setWhy(event.currentTarget.value)}
            error={tried && missing ? 'Say why, or the next run does the same again.' : undefined}
          />
          <NativeSelect
            label="Back to"
            value={to}
            onChange={(event) => setTo(event.currentTarget.value as StageName | '')}
            data={[
              { value: '', label: 'The stage that the pipeline names' },
              ...reworkStages(task.stage).map((stage) => ({ value: stage, label: STAGE_TITLES[stage] })),
            ]}
          />
          <OrderProblem error={rework.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Leave it
            </Button>
            <Button type="submit" loading={rework.isPending}>
              Send back
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
