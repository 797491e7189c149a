import { Alert } from '@mantine/core'
import { sentenceOf } from '../api/problem.ts'
import { Icon } from './icon.tsx'
import classes from './problem-alert.module.css'

interface Props {
  /** Nothing is shown while it is null. */
  readonly error: unknown
  readonly title?: string
}

/** An error as it happened. The region is there before the text is, so that screen readers speak it. */
export const ProblemAlert = ({ error, title }: Props) => (
  <div aria-live="assertive" className={classes.region}>
    {error !== null && error !== undefined && (
      <Alert
        color="red"
        variant="light"
        icon={<Icon name="warning" size={16} />}
        {...(title === undefined ? {} : { title })}
        p="xs"
      >
        <span className="foreign">{sentenceOf(error)}</span>
      </Alert>
    )}
  </div>
)
