import type { ReactNode } from 'react'
import classes from './panel.module.css'

interface Props {
  readonly title: string
  readonly aside?: ReactNode
  readonly children: ReactNode
  /** Without inner space, for lists that reach from edge to edge. */
  readonly flush?: boolean
}

/** A titled box. */
export const Panel = ({ title, aside, children, flush = false }: Props) => (
  <section className={classes.panel} aria-label={title}>
    <header className={classes.head}>
      <h2 className={classes.title}>{title}</h2>
      {aside}
    </header>
    <div className={flush ? classes.flush : classes.body}>{children}</div>
  </section>
)
