import { Anchor } from '@mantine/core'
import type { TimelineEntry } from '../../../src/core/view.ts'
import { Ago } from '../parts/ago.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { LongText } from '../parts/long-text.tsx'
import { plain } from '../words/plain.ts'
import { capital } from '../words/stages.ts'
import classes from './timeline.module.css'

interface Props {
  readonly entry: TimelineEntry
  readonly onRun: (id: string) => void
}

export const TimelineLine = ({ entry, onRun }: Props) => (
  <li className={classes.entry} data-tone={entry.tone} data-is={entry.is}>
    <span className={classes.sign}>
      <Icon name={signOf(entry)} size={12} />
    </span>
    <div className={classes.content}>
      <div className={classes.head}>
        <span className={`${classes.title} foreign`}>{plain(entry.title)}</span>
        {entry.by !== null && (
          <span className={`${classes.by} foreign`}>
            {entry.is === 'comment' ? capital(plain(entry.by)) : `by ${plain(entry.by)}`}
          </span>
        )}
        {entry.run !== null && (
          <Anchor component="button" type="button" className={classes.run ?? ''} onClick={() => onRun(entry.run ?? '')}>
            run {entry.run}
          </Anchor>
        )}
        <span className={classes.at}>
          <Ago at={entry.at} />
        </span>
      </div>
      {entry.text !== null && <LongText text={plain(entry.text)} boxed={entry.is === 'comment'} />}
    </div>
  </li>
)

function signOf({ is, tone }: TimelineEntry): IconName {
  if (is === 'held') return 'held'
  if (is === 'moved') return 'move'
  if (is === 'comment' || is === 'note') return 'note'
  if (tone === 'good') return 'done'
  if (tone === 'bad') return 'cross'
  if (tone === 'waiting') return 'waiting'
  return is === 'run' ? 'running' : 'dot'
}
