import { Title } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './notice.module.css'

interface Props {
  readonly title: string
  readonly children: ReactNode
  /** 2 where the page has its own heading already. */
  readonly heading?: 1 | 2
}

/** A place that has nothing to show but one thing to say. */
export const Notice = ({ title, children, heading = 1 }: Props) => (
  <div className={classes.notice}>
    <Title order={heading} size="h3" tabIndex={-1}>
      {title}
    </Title>
    {children}
  </div>
)
