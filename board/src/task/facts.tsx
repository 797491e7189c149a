import type { ReactNode } from 'react'
import type { TaskDetail } from '../../../src/core/view.ts'
import { useMe } from '../app/use-me.ts'
import { Ago } from '../parts/ago.tsx'
import { Copyable } from '../parts/copyable.tsx'
import { Panel } from '../parts/panel.tsx'
import { short } from '../words/amounts.ts'
import { priorityTitle } from '../words/priorities.ts'
import classes from './facts.module.css'
import { PullRequestLink } from './pull-request-link.tsx'

export function Facts({ task }: { task: TaskDetail }) {
  const project = useMe()?.projects.find(({ id }) => id === task.project)?.title ?? task.project
  const sha = (value: string | null, label: string) =>
    value !== null && (
      <Fact name={label}>
        <Copyable value={value} shown={short(value)} label={`${label.toLowerCase()} commit`} />
      </Fact>
    )
  return (
    <Panel title="Facts">
      <dl className={classes.facts}>
        <Fact name="Project">{project}</Fact>
        <Fact name="Repository">{task.repo}</Fact>
        <Fact name="Branch">
          <Copyable value={task.branch} label="the branch" />
        </Fact>
        {task.pullRequest && (
          <Fact name="Pull request">
            <PullRequestLink pullRequest={task.pullRequest} /> <span className="dim">{task.pullRequest.state}</span>
          </Fact>
        )}
        {sha(task.head, 'Head')}
        {sha(task.base, 'Base')}
        {sha(task.merge, 'Merge')}
        <Fact name="Priority">{priorityTitle(task.priority)}</Fact>
        <Fact name="Created">
          <Ago at={task.createdAt} />
        </Fact>
        <Fact name="Changed">
          <Ago at={task.updatedAt} />
        </Fact>
      </dl>
    </Panel>
  )
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
)
