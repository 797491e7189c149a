import { Button, Switch } from '@mantine/core'
import { useState } from 'react'
import { LOG_LINES_KEPT, type LogView } from '../api/log-stream.ts'
import { copyText } from '../parts/copy-text.ts'
import { plural } from '../words/amounts.ts'
import { LogLines } from './log-lines.tsx'
import classes from './log-pane.module.css'
import { useLog } from './use-log.ts'

const SAID: Readonly<Record<LogView['state'], string>> = {
  connecting: 'Opening the log',
  following: 'Live',
  lost: 'Connection to the log lost, reconnecting',
  ended: 'Ended',
}

interface Props {
  readonly run: string
  /** Its agent's own stream is kept, too. */
  readonly hasRaw: boolean
}

/** A run's log as it grows. It follows the end until the reader scrolls away from it. */
export function LogPane({ run, hasRaw }: Props) {
  const [raw, setRaw] = useState(false)
  const log = useLog(run, raw)
  const [follow, setFollow] = useState(true)
  const [wrap, setWrap] = useState(false)
  return (
    <section className={classes.pane} aria-label={`Log of run ${run}`}>
      <header className={classes.bar}>
        <span aria-live="polite" data-tone={log.state === 'lost' ? 'bad' : 'plain'} className={classes.state}>
          {SAID[log.state]}
        </span>
        <span className="dim">
          {plural(log.lines.length + log.dropped, 'line')}
          {log.dropped > 0 && `, the last ${LOG_LINES_KEPT.toLocaleString()} are shown`}
        </span>
        <span className={classes.choices}>
          {hasRaw && (
            <Switch size="xs" label="Raw" checked={raw} onChange={(event) => setRaw(event.currentTarget.checked)} />
          )}
          <Switch
            size="xs"
            label="Follow"
            checked={follow}
            onChange={(event) => setFollow(event.currentTarget.checked)}
          />
          <Switch size="xs" label="Wrap" checked={wrap} onChange={(event) => setWrap(event.currentTarget.checked)} />
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => void copyText(document, navigator, log.lines.join('\n'))}
          >
            Copy
          </Button>
        </span>
      </header>
      <LogLines key={`${raw} ${wrap}`} log={log} follow={follow} wrap={wrap} onFollow={setFollow} />
    </section>
  )
}
