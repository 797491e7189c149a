import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import type { TaskDetail } from '../../../src/core/view.ts'
import { useOrder } from '../app/use-order.ts'
import { OrderProblem } from '../parts/order-problem.tsx'

interface Props {
  readonly task: TaskDetail
  readonly opened: boolean
  readonly onClose: () => void
}

export function StopDialog({ task, opened, onClose }: Props) {
  const stop = useOrder(task.key, 'stop')
  return (
    <Modal opened={opened} onClose={onClose} title={`Stop ${task.key}?`}>
      <Stack gap="md">
        <Text size="sm">
          Its processes are ended, its work is set aside, its branch is removed and its pull request closed. The task
          becomes <em>cancelled</em> and cannot be taken up again. If it is between merge and production, that is
          finished first.
        </Text>
        <OrderProblem error={stop.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Let it go on
          </Button>
          <Button color="red.9" loading={stop.isPending} onClick={() => stop.mutate({}, { onSuccess: onClose })}>
            Stop {task.key}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
