import { Button } from '@mantine/core'
import { use } from 'react'
import { CreateContext } from '../app/create-context.ts'
import { useMe } from '../app/use-me.ts'
import { Icon } from '../parts/icon.tsx'
import { STAGE_TITLES } from '../words/stages.ts'
import classes from './empty-board.module.css'

const WAY = ['analysis', 'architecture', 'development', 'review', 'testing', 'deploy-staging', 'deploy'] as const

/** The first thing a new user sees: what happens here, and the three ways to begin. */
export function EmptyBoard() {
  const create = use(CreateContext)
  const canWrite = useMe()?.canWrite === true
  return (
    <div className={classes.empty}>
      <ol className={classes.way} aria-label="The way of a task">
        {WAY.map((stage) => (
          <li key={stage}>{STAGE_TITLES[stage]}</li>
        ))}
      </ol>
      <h2 className={classes.title}>No open tasks yet</h2>
      <p>
        Say what should change. Orch analyses it, asks you to approve the analysis, then builds, reviews, tests and
        deploys it, and shows each step here.
      </p>
      <Button size="md" leftSection={<Icon name="plus" />} onClick={create} disabled={!canWrite}>
        Create the first task
      </Button>
      <p className={classes.ways}>
        Or move a work item to <strong>To Analyse</strong> in the tracker, or run <code>orch task create</code> on the
        command line.
      </p>
    </div>
  )
}
