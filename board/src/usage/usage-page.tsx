import { SegmentedControl, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { USAGE_BY, type UsageBy } from '../../../src/core/words.ts'
import { usageQuery } from '../api/queries.ts'
import { useEnvironment } from '../app/environment.ts'
import { usePageTitle } from '../app/use-page-title.ts'
import { Nothing } from '../parts/nothing.tsx'
import { Panel } from '../parts/panel.tsx'
import { ProblemAlert } from '../parts/problem-alert.tsx'
import { capital } from '../words/stages.ts'
import { exact } from '../words/times.ts'
import classes from './usage-page.module.css'
import { UsageSums } from './usage-sums.tsx'

const route = getRouteApi('/usage')

/** What agents used in the last 30 days. */
export function UsagePage() {
  usePageTitle('Usage')
  const { client } = useEnvironment()
  const { by = 'role' } = route.useSearch()
  const navigate = route.useNavigate()
  const { data: usage, error } = useQuery(usageQuery(client, by))
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1 tabIndex={-1}>Usage</h1>
        {usage && <span className="dim">of runs begun since {exact(usage.from)}</span>}
      </header>
      <SegmentedControl
        className={classes.by ?? ''}
        size="xs"
        aria-label="Sum up by"
        value={by}
        onChange={(next) =>
          void navigate({ search: next === 'role' ? {} : { by: next as UsageBy }, replace: true, resetScroll: false })
        }
        data={USAGE_BY.map((value) => ({ value, label: capital(value) }))}
      />
      <ProblemAlert error={error} title={usage ? 'What follows may be out of date' : 'The usage could not be read'} />
      {!usage && error === null && <Skeleton height="12rem" radius="lg" aria-busy="true" />}
      {usage && (
        <Panel title={`Used by ${usage.by}`} flush>
          {usage.rows.length === 0 ? <Nothing>No agent ran in this time.</Nothing> : <UsageSums usage={usage} />}
        </Panel>
      )}
    </div>
  )
}
