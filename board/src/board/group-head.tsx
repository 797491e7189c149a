import { Icon } from '../parts/icon.tsx'
import { STAGE_TITLES, type StageName } from '../words/stages.ts'
import classes from './stage-groups.module.css'

interface Props {
  readonly stage: StageName
  readonly count: number
  readonly open: boolean
  readonly onToggle: () => void
}

export const GroupHead = ({ stage, count, open, onToggle }: Props) => (
  <h2 className={classes.head}>
    <button type="button" aria-expanded={open} onClick={onToggle} data-stage={stage}>
      <Icon name="down" />
      {STAGE_TITLES[stage]} <span className={classes.count}>{count}</span>
    </button>
  </h2>
)
