import { Tabs } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import type { TaskDetail } from '../../../src/core/view.ts'
import { Artefacts } from './artefacts.tsx'
import { Description } from './description.tsx'
import { Gates } from './gates.tsx'
import { Runs } from './runs.tsx'
import { TABS, type Tab } from './task-search.ts'
import classes from './task-tabs.module.css'
import { Timeline } from './timeline.tsx'

const route = getRouteApi('/tasks/$key')

const TITLES: Readonly<Record<Tab, string>> = {
  timeline: 'Timeline',
  runs: 'Runs',
  gates: 'Gates',
  artefacts: 'Docs',
  description: 'Description',
}

export function TaskTabs({ task }: { task: TaskDetail }) {
  const { tab = 'timeline', run } = route.useSearch()
  const navigate = route.useNavigate()
  const open = (next: Tab, openRun?: string) =>
    navigate({
      search: { ...(next !== 'timeline' && { tab: next }), ...(openRun !== undefined && { run: openRun }) },
      replace: true,
      resetScroll: false,
    })
  const counts: Partial<Record<Tab, number>> = {
    runs: task.runs.length,
    gates: task.gates.length,
    artefacts: task.artefacts.length,
  }
  return (
    <Tabs value={tab} onChange={(next) => void open(next as Tab)} keepMounted={false} className={classes.tabs ?? ''}>
      <Tabs.List className={classes.list ?? ''} aria-label={`About ${task.key}`}>
        {TABS.map((name) => (
          <Tabs.Tab key={name} value={name}>
            {TITLES[name]}
            {counts[name] !== undefined && <span className={classes.count}>{counts[name]}</span>}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="timeline">
        <Timeline entries={task.timeline} onRun={(id) => void open('runs', id)} />
      </Tabs.Panel>
      <Tabs.Panel value="runs">
        <Runs runs={task.runs} opened={run} onOpen={(id) => void open('runs', id)} />
      </Tabs.Panel>
      <Tabs.Panel value="gates">
        <Gates gates={task.gates} />
      </Tabs.Panel>
      <Tabs.Panel value="artefacts">
        <Artefacts task={task} />
      </Tabs.Panel>
      <Tabs.Panel value="description">
        <Description text={task.description} />
      </Tabs.Panel>
    </Tabs>
  )
}
