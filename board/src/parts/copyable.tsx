import { ActionIcon } from '@mantine/core'
import { useState } from 'react'
import { copyText } from './copy-text.ts'
import classes from './copyable.module.css'
import { Icon } from './icon.tsx'

interface Props {
  /** What is copied, whole. */
  readonly value: string
  /** What is shown of it. */
  readonly shown?: string
  /** What it is, for the button's name. */
  readonly label: string
}

export function Copyable({ value, shown = value, label }: Props) {
  const [said, setSaid] = useState('')
  const copy = async () => {
    setSaid((await copyText(document, navigator, value)) ? 'Copied' : 'Could not be copied')
    setTimeout(() => setSaid(''), 1_500)
  }
  return (
    <span className={classes.copyable}>
      <span className={`mono foreign ${classes.value}`} title={value}>
        {shown}
      </span>
      <ActionIcon variant="transparent" size="sm" className="quiet" aria-label={`Copy ${label}`} onClick={copy}>
        <Icon name={said === 'Copied' ? 'done' : 'copy'} size={13} />
      </ActionIcon>
      <span aria-live="polite" className={classes.said}>
        {said}
      </span>
    </span>
  )
}
