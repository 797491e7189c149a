import { Button } from '@mantine/core'
import classes from './older.module.css'

interface Props {
  readonly count: number
  readonly reading: boolean
  readonly onMore: () => void
}

export const Older = ({ count, reading, onMore }: Props) => (
  <footer className={classes.older}>
    <span>The {count} tasks changed last are shown.</span>
    <Button variant="default" size="xs" onClick={onMore} loading={reading}>
      Read older ones
    </Button>
  </footer>
)
