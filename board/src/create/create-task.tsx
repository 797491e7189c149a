import { Drawer } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useDraft } from '../app/use-draft.ts'
import { useMe } from '../app/use-me.ts'
import { CreateForm } from './create-form.tsx'
import { type Draft, emptyDraft } from './draft.ts'

interface Props {
  readonly opened: boolean
  readonly onClose: () => void
}

/** The draft outlives a closing by mistake; it is thrown away once the task is there. */
export function CreateTask({ opened, onClose }: Props) {
  const projects = useMe()?.projects ?? []
  const navigate = useNavigate()
  const [draft, setDraft, forget] = useDraft<Draft>('task', emptyDraft)
  const created = (key: string) => {
    forget()
    onClose()
    void navigate({ to: '/tasks/$key', params: { key } })
  }
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="32rem" title="New task">
      <CreateForm projects={projects} draft={draft} onDraft={setDraft} onCreated={created} />
    </Drawer>
  )
}
