import type { TaskDetail } from '../../../src/core/view.ts'
import { plain } from '../words/plain.ts'
import classes from './approval-subject.module.css'
import { ArtefactText } from './artefact-text.tsx'
import { PullRequestLink } from './pull-request-link.tsx'

/** What a person approves: the item and its analysis, or, on hold, the change of protected files. */
export function ApprovalSubject({ task }: { task: TaskDetail }) {
  if (task.phase === 'held') {
    return (
      <p className={classes.line}>
        You accept the change of the files named above as it is on <span className="mono">{task.branch}</span>
        {task.pullRequest && (
          <>
            {' '}
            (<PullRequestLink pullRequest={task.pullRequest} />)
          </>
        )}
        .
      </p>
    )
  }
  const analysis = task.artefacts.find(({ path, name }) => name === 'analysis' || path.endsWith('/01-analysis.md'))
  return (
    <div className={classes.subject}>
      <details>
        <summary>The work item as it is now</summary>
        <p className={`${classes.text} foreign`}>
          <strong>{plain(task.title)}</strong>
          {'\n'}
          {task.description === '' ? 'Without a description.' : plain(task.description)}
        </p>
      </details>
      {analysis ? (
        <ArtefactText task={task} artefact={analysis} />
      ) : (
        <p className={classes.line}>The analysis is not there yet.</p>
      )}
    </div>
  )
}
