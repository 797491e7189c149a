import { STAGE_TITLES, type StageName } from '../words/stages.ts'
import classes from './columns.module.css'

interface Props {
  readonly stage: StageName
  readonly count: number
  readonly onUnfold: () => void
}

/** A stage without tasks, or one that the reader folded. */
export function Rail({ stage, count, onUnfold }: Props) {
  const content = (
    <span className={classes.name}>
      <span>{STAGE_TITLES[stage]}</span>
      <span>{count}</span>
    </span>
  )
  if (count === 0) {
    return (
      <div className={classes.rail} data-empty data-stage={stage}>
        {content}
      </div>
    )
  }
  return (
    <button
      type="button"
      className={classes.rail}
      data-stage={stage}
      onClick={onUnfold}
      aria-label={`Unfold ${STAGE_TITLES[stage]}, ${count} tasks`}
    >
      {content}
    </button>
  )
}
