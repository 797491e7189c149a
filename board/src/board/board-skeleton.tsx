import { Skeleton } from '@mantine/core'
import classes from './columns.module.css'

const COLUMNS = { a: 5, b: 3, c: 4, d: 2, e: 3 }

/** The place of the columns while the tasks are read for the first time. */
export const BoardSkeleton = () => (
  <div className={classes.columns} aria-busy="true">
    {Object.entries(COLUMNS).map(([column, cards]) => (
      <div key={column} className={classes.column}>
        <div className={classes.head}>
          <Skeleton height="0.75rem" width="40%" />
        </div>
        <div className={classes.scroll}>
          <Skeleton height={`${cards * 6.4}rem`} radius="md" />
        </div>
      </div>
    ))}
  </div>
)
