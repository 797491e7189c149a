import type { Status } from '../words/status.ts'
import { Icon } from './icon.tsx'
import classes from './status-badge.module.css'

interface Props {
  readonly status: Status
  readonly large?: boolean
}

export const StatusBadge = ({ status, large = false }: Props) => (
  <span className={classes.badge} data-tone={status.tone} data-large={large || undefined} data-status={status.icon}>
    <Icon name={status.icon} size={large ? 14 : 12} />
    <span className={classes.label}>{status.label}</span>
  </span>
)
