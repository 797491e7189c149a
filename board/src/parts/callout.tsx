import type { ReactNode } from 'react'
import type { Tone } from '../words/status.ts'
import classes from './callout.module.css'
import { Icon, type IconName } from './icon.tsx'

interface Props {
  readonly tone: Tone
  readonly icon: IconName
  readonly title?: string | undefined
  readonly children: ReactNode
}

/** Something that must be noticed; it is spoken as soon as it appears. */
export const Callout = ({ tone, icon, title, children }: Props) => (
  <div role="alert" className={classes.callout} data-tone={tone}>
    <Icon name={icon} size={16} />
    <div className={classes.content}>
      {title !== undefined && <strong>{title}</strong>}
      <div>{children}</div>
    </div>
  </div>
)
