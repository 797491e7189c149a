import { Button, Group, NativeSelect, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { type FormEvent, useRef, useState } from 'react'
import type { MeView } from '../../../src/core/view.ts'
import { OrderProblem } from '../parts/order-problem.tsx'
import { PRIORITIES } from '../words/priorities.ts'
import { type Draft, problemsOf } from './draft.ts'
import { useCreate } from './use-create.ts'

interface Props {
  readonly projects: MeView['projects']
  readonly draft: Draft
  readonly onDraft: (draft: Draft) => void
  readonly onCreated: (key: string) => void
}

export function CreateForm({ projects, draft, onDraft, onCreated }: Props) {
  const create = useCreate(onCreated)
  const [tried, setTried] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const project = draft.project ?? (projects.length === 1 ? (projects[0]?.id ?? null) : null)
  const problems = problemsOf(draft, project)
  const shown = tried ? problems : {}
  const change = (part: Partial<Draft>) => onDraft({ ...draft, ...part })

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (project === null || Object.keys(problems).length > 0) {
      form.current?.querySelector<HTMLElement>(`[name=${problems.project ? 'project' : 'title'}]`)?.focus()
    } else create.send({ ...draft, project, title: draft.title.trim() })
  }

  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Stack gap="md">
        <NativeSelect
          name="project"
          label="Project"
          withAsterisk
          error={shown.project}
          value={project ?? ''}
          onChange={(event) => change({ project: event.currentTarget.value || null })}
          data={[
            ...(project === null ? [{ value: '', label: 'Choose a project' }] : []),
            ...projects.map(({ id, title, repo }) => ({ value: id, label: `${title} (${repo})` })),
          ]}
        />
        <TextInput
          name="title"
          label="Title"
          description="What should change, in one line"
          withAsterisk
          data-autofocus
          autoComplete="off"
          error={shown.title}
          value={draft.title}
          onChange={(event) => change({ title: event.currentTarget.value })}
        />
        <Textarea
          name="description"
          label="Description"
          description="Why, for whom, what must hold afterwards, what must not change"
          autosize
          minRows={8}
          maxRows={18}
          value={draft.description}
          onChange={(event) => change({ description: event.currentTarget.value })}
        />
        <NativeSelect
          name="priority"
          label="Priority"
          description="A higher one is let in earlier"
          value={String(draft.priority)}
          onChange={(event) => change({ priority: Number(event.currentTarget.value) })}
          data={PRIORITIES.map((label, value) => ({ label, value: String(value) }))}
        />
        <OrderProblem error={create.error} title="The task was not created" />
        <Group justify="space-between" align="center" wrap="nowrap">
          <Text size="xs" c="dimmed">
            Its analysis starts as soon as the repository is free.
          </Text>
          <Button type="submit" loading={create.pending} style={{ flex: 'none' }}>
            Create task
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
