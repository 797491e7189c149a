import { Anchor } from '@mantine/core'
import { useState } from 'react'
import classes from './long-text.module.css'

const LINES = 8
const CHARACTERS = 700

interface Props {
  readonly text: string
  /** As something that somebody said. */
  readonly boxed?: boolean
}

/** Text of any length: the beginning, and the rest when it is asked for. */
export function LongText({ text, boxed = false }: Props) {
  const [all, setAll] = useState(false)
  const beginning = text.split('\n', LINES).join('\n').slice(0, CHARACTERS)
  const long = beginning.length < text.length
  return (
    <div className={classes.text} data-boxed={boxed || undefined}>
      <p className="foreign">{all || !long ? text : `${beginning}…`}</p>
      {long && (
        <Anchor component="button" type="button" size="xs" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show less' : 'Show all'}
        </Anchor>
      )}
    </div>
  )
}
