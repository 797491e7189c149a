import { useViewportSize } from '@mantine/hooks'
import { useLayoutEffect, useRef, useState } from 'react'
import { Icon } from '../parts/icon.tsx'
import { plain } from '../words/plain.ts'
import classes from './banners.module.css'

/** How many are there at once before the rest has to be asked for. */
const SHOWN = 3

/**
 * What the server warns of. They are about safety, so they cannot be put away; they are kept small instead: each cut
 * to its beginning, whole when it is asked for.
 */
export function Warnings({ texts }: { texts: readonly string[] }) {
  const [all, setAll] = useState(false)
  const [cut, setCut] = useState(false)
  const list = useRef<HTMLUListElement>(null)
  const { width } = useViewportSize()
  const different = [...new Set(texts)]
  const shown = all ? different : different.slice(0, SHOWN)
  const words = shown.join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: whether they fit depends on the words and on the width
  useLayoutEffect(() => {
    if (!all) setCut([...(list.current?.querySelectorAll('li > span') ?? [])].some(isCut))
  }, [all, words, width])
  if (different.length === 0) return null
  const hidden = different.length - shown.length
  return (
    <section className={classes.banner} data-tone="waiting" aria-label="Warnings">
      <Icon name="warning" size={15} />
      <ul ref={list} className={classes.warnings} data-all={all || undefined}>
        {shown.map((text) => (
          <li key={text}>
            <span className="foreign">{plain(text)}</span>
          </li>
        ))}
      </ul>
      {(all || cut || hidden > 0) && (
        <button type="button" className={classes.more} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show less' : hidden > 0 ? `${hidden} more` : 'Show all'}
        </button>
      )}
    </section>
  )
}

const isCut = (element: Element): boolean => element.scrollHeight > element.clientHeight + 1
