import type { TaskDetail } from '../../../src/core/view.ts'
import { plain } from '../words/plain.ts'
import classes from './approval-subject.module.css'
import { ArtefactText } from './artefact-text.tsx'
import { PullRequestLink } from './pull-request-link.tsx'
import { analysisOf } from './use-subject-text.ts'

/** What a person approves: the item and its analysis, or, on hold, the change of protected files. */
export function ApprovalSubject({ task }: { task: TaskDetail }) {
  if (task.phase === 'held') {
    return (
      <p className={classes.line}>
        You accept the change of the files named above as it is on <span className="mono">{task.branch}</span>
        {task.pullRequest && (
          <>
            {' '}
            (<PullRequestLink pullRequest={task.pullRequest} inText />)
          </>
        )}
        .
      </p>
    )
  }
  const analysis = analysisOf(task)
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
        <ArtefactText task={task} artefact={analysis} subject={task.subject} />
      ) : (
        <p className={classes.line}>The analysis is not there yet.</p>
      )}
    </div>
  )
}
