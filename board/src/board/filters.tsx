import { Button, NativeSelect, SegmentedControl, TextInput } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useMe } from '../app/use-me.ts'
import { Icon } from '../parts/icon.tsx'
import { plural } from '../words/amounts.ts'
import type { BoardSearch } from './board-search.ts'
import classes from './filters.module.css'
import { useSearchText } from './use-search-text.ts'

const route = getRouteApi('/')

interface Props {
  readonly shown: number
  /** How many wait for a person. */
  readonly waiting: number
}

export function Filters({ shown, waiting }: Props) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const person = search.person === true
  const projects = useMe()?.projects ?? []
  const change = (key: keyof BoardSearch, value: BoardSearch[keyof BoardSearch] | undefined) => {
    const { [key]: _, ...rest } = search
    void navigate({
      search: { ...rest, ...(value !== undefined && value !== '' && { [key]: value }) },
      replace: true,
      resetScroll: false,
    })
  }
  const find = useSearchText(search.q ?? '', (text) => change('q', text))
  return (
    <search className={classes.filters}>
      <NativeSelect
        size="xs"
        className={classes.project ?? ''}
        aria-label="Project"
        value={search.project ?? ''}
        onChange={(event) => change('project', event.currentTarget.value)}
        data={[{ value: '', label: 'All projects' }, ...projects.map(({ id, title }) => ({ value: id, label: title }))]}
      />
      <TextInput
        size="xs"
        className={classes.text ?? ''}
        type="search"
        aria-label="Find tasks by key, title, role or reason"
        placeholder="Find tasks"
        leftSection={<Icon name="search" />}
        value={find.text}
        onChange={(event) => find.type(event.currentTarget.value)}
      />
      <SegmentedControl
        size="xs"
        aria-label="Which tasks"
        className={classes.state ?? ''}
        value={search.state ?? 'open'}
        onChange={(state) => change('state', state === 'all' ? 'all' : undefined)}
        data={[
          { value: 'open', label: 'Open' },
          { value: 'all', label: 'All' },
        ]}
      />
      <Button
        size="xs"
        variant={person ? 'light' : 'default'}
        aria-pressed={person}
        leftSection={<Icon name="person" />}
        onClick={() => change('person', person ? undefined : true)}
        className={classes.person ?? ''}
        data-some={waiting > 0 || undefined}
      >
        {waiting} waiting for a person
      </Button>
      <span className={classes.count} aria-live="polite">
        {plural(shown, 'task')}
      </span>
    </search>
  )
}
