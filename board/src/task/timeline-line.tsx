import { Anchor } from '@mantine/core'
import type { TimelineEntry } from '../../../src/core/view.ts'
import { Ago } from '../parts/ago.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { LongText } from '../parts/long-text.tsx'
import { byOf, runLinkOf, textOf, titleOf } from '../words/timeline.ts'
import classes from './timeline.module.css'

interface Props {
  readonly entry: TimelineEntry
  readonly onRun: (id: string) => void
}

export function TimelineLine({ entry, onRun }: Props) {
  const by = byOf(entry)
  const text = textOf(entry)
  return (
    <li className={classes.entry} data-tone={entry.tone} data-is={entry.is}>
      <span className={classes.sign}>
        <Icon name={signOf(entry)} size={12} />
      </span>
      <div className={classes.content}>
        <div className={classes.head}>
          <span className={`${classes.title} foreign`}>{titleOf(entry)}</span>
          {by !== null && <span className={`${classes.by} foreign`}>{by}</span>}
          {entry.run !== null && (
            <Anchor
              component="button"
              type="button"
              className={classes.run ?? ''}
              aria-label={`Log of run ${entry.run}`}
              onClick={() => onRun(entry.run ?? '')}
            >
              {runLinkOf(entry)}
            </Anchor>
          )}
          <span className={classes.at}>
            <Ago at={entry.at} />
          </span>
        </div>
        {text !== null && <LongText text={text} boxed={entry.is === 'comment'} />}
      </div>
    </li>
  )
}

function signOf({ is, tone }: TimelineEntry): IconName {
  if (is === 'held') return 'held'
  if (is === 'moved') return 'move'
  if (is === 'comment' || is === 'note') return 'note'
  if (tone === 'good') return 'done'
  if (tone === 'bad') return 'cross'
  if (tone === 'waiting') return 'waiting'
  return is === 'run' ? 'running' : 'dot'
}
