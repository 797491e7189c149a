import { useMediaQuery } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useDeferredValue, useMemo, useState } from 'react'
import { tasksQuery } from '../api/queries.ts'
import { useEnvironment } from '../app/environment.ts'
import { usePageTitle } from '../app/use-page-title.ts'
import { ProblemAlert } from '../parts/problem-alert.tsx'
import { needsPerson } from '../words/status.ts'
import { arrange } from './arrange.ts'
import classes from './board-page.module.css'
import { BoardSkeleton } from './board-skeleton.tsx'
import { Columns } from './columns.tsx'
import { EmptyBoard } from './empty-board.tsx'
import { Filters } from './filters.tsx'
import { NothingFound } from './nothing-found.tsx'
import { Older } from './older.tsx'
import { StageGroups } from './stage-groups.tsx'

const route = getRouteApi('/')
const AT_MOST = 1_000

export function BoardPage() {
  usePageTitle('Board')
  const search = route.useSearch()
  const { client } = useEnvironment()
  const narrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false })
  const [atMost, setAtMost] = useState(AT_MOST)
  const list = useQuery(tasksQuery(client, { project: search.project, state: search.state ?? 'open', atMost }))
  const text = useDeferredValue(search.q ?? '')
  const person = search.person === true
  const tasks = list.data?.tasks
  const columns = useMemo(() => arrange(tasks ?? [], { text, person }), [tasks, text, person])
  const shown = columns.reduce((sum, column) => sum + column.tasks.length, 0)
  const filtered = text !== '' || person || search.project !== undefined

  const content = () => {
    if (tasks === undefined) return list.isError ? null : <BoardSkeleton />
    if (shown === 0) return filtered ? <NothingFound /> : <EmptyBoard />
    return narrow ? <StageGroups columns={columns} /> : <Columns columns={columns} />
  }

  return (
    <div className={classes.page} data-fill={narrow || shown === 0 ? undefined : true}>
      <h1 className={classes.title} tabIndex={-1}>
        Board
      </h1>
      <Filters shown={shown} waiting={tasks?.filter(needsPerson).length ?? 0} />
      {list.isError && (
        <div className={classes.problem}>
          <ProblemAlert error={list.error} title="The tasks could not be read" />
        </div>
      )}
      {content()}
      {list.data?.more === true && (
        <Older count={tasks?.length ?? 0} reading={list.isFetching} onMore={() => setAtMost(atMost + AT_MOST)} />
      )}
    </div>
  )
}
