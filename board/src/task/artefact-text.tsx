import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ArtefactView, TaskDetail } from '../../../src/core/view.ts'
import { artefactQuery } from '../api/queries.ts'
import { useEnvironment } from '../app/environment.ts'
import { Copyable } from '../parts/copyable.tsx'
import { ProblemAlert } from '../parts/problem-alert.tsx'
import { plain } from '../words/plain.ts'
import classes from './artefact-text.module.css'

interface Props {
  readonly task: TaskDetail
  readonly artefact: ArtefactView
  /** What it is read for, where it is read to be approved. */
  readonly subject?: string | null
}

/** A document of a stage, as text: nothing in it is taken for markup. */
export function ArtefactText({ task, artefact, subject = null }: Props) {
  const { client } = useEnvironment()
  const text = useQuery(artefactQuery(client, task.key, artefact.name, artefact.sha, subject))
  return (
    <figure className={classes.figure}>
      <figcaption>
        <Copyable value={artefact.path} label="the path" />
      </figcaption>
      {text.isPending && <Skeleton height="9rem" />}
      {text.isError && <ProblemAlert error={text.error} title="This document could not be read" />}
      {text.data === null && <Elsewhere task={task} artefact={artefact} />}
      {(text.data === null || text.isError) && (
        <Button
          size="compact-xs"
          variant="default"
          mt="xs"
          loading={text.isFetching}
          onClick={() => void text.refetch()}
        >
          Read it again
        </Button>
      )}
      {typeof text.data === 'string' && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <section className={classes.scroll} tabIndex={0} aria-label={artefact.path}>
          <pre className={`${classes.text} foreign`}>{plain(text.data)}</pre>
        </section>
      )}
    </figure>
  )
}

const Elsewhere = ({ task, artefact }: Pick<Props, 'task' | 'artefact'>) => (
  <div className={classes.elsewhere}>
    Orch does not find this document now. Read it on branch <span className="mono">{task.branch}</span>, or with{' '}
    <Copyable value={`git show ${artefact.sha ?? `origin/${task.branch}`}:${artefact.path}`} label="the command" />
  </div>
)
