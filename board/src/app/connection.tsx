import type { LiveState } from '../api/live-feed.ts'
import type { Tone } from '../words/status.ts'
import classes from './connection.module.css'

const SAID: Readonly<Record<LiveState, { readonly text: string; readonly tone: Tone }>> = {
  live: { text: 'Live', tone: 'good' },
  connecting: { text: 'Connecting', tone: 'plain' },
  paused: { text: 'Paused', tone: 'plain' },
  lost: { text: 'Connection lost, reconnecting', tone: 'bad' },
}

export const Connection = ({ state }: { state: LiveState }) => (
  <output className={classes.connection} data-tone={SAID[state].tone} data-state={state} aria-live="polite">
    <span className={classes.dot} aria-hidden="true" />
    {SAID[state].text}
  </output>
)
