import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Problem } from '../api/problem.ts'
import { taskQuery } from '../api/queries.ts'
import { useEnvironment } from '../app/environment.ts'
import { usePageTitle } from '../app/use-page-title.ts'
import { Notice } from '../parts/notice.tsx'
import { PageLink } from '../parts/page-link.tsx'
import { ProblemAlert } from '../parts/problem-alert.tsx'
import { plain } from '../words/plain.ts'
import { Decision } from './decision.tsx'
import { PipelineStrip } from './pipeline-strip.tsx'
import { Sidebar } from './sidebar.tsx'
import { TaskHeader } from './task-header.tsx'
import classes from './task-page.module.css'
import { TaskSkeleton } from './task-skeleton.tsx'
import { TaskTabs } from './task-tabs.tsx'

const route = getRouteApi('/tasks/$key')

export function TaskPage() {
  const { key } = route.useParams()
  const { client } = useEnvironment()
  const read = useQuery(taskQuery(client, key))
  const task = read.data
  usePageTitle(task ? `${key} ${plain(task.title)}` : key)
  if (task === undefined) {
    if (!read.isError) return <TaskSkeleton taskKey={key} />
    const missing = read.error instanceof Problem && read.error.status === 404
    return (
      <Notice title={missing ? `There is no task ${key}` : `${key} could not be read`}>
        {!missing && <ProblemAlert error={read.error} />}
        <PageLink to="/">Go to the board</PageLink>
      </Notice>
    )
  }
  return (
    <article className={classes.page} key={task.key}>
      {read.isError && <ProblemAlert error={read.error} title="What follows may be out of date" />}
      <TaskHeader task={task} />
      <PipelineStrip task={task} />
      <div className={classes.split}>
        <div className={classes.story}>
          <Decision task={task} />
          <TaskTabs task={task} />
        </div>
        <Sidebar task={task} />
      </div>
    </article>
  )
}
