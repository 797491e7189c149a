import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import type { LogView } from '../api/log-stream.ts'
import { plainLine } from '../words/plain.ts'
import classes from './log-pane.module.css'

const LINE_PX = 18
/** This near the end counts as the end. */
const END_PX = 40

interface Props {
  readonly log: LogView
  readonly follow: boolean
  readonly wrap: boolean
  readonly onFollow: (follow: boolean) => void
}

/** Draws only the lines that are seen. Scrolling up stops the following, scrolling to the end takes it up again. */
export function LogLines({ log, follow, wrap, onFollow }: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  const top = useRef(0)
  const { lines, dropped } = log
  const list = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    getItemKey: (index) => dropped + index,
    overscan: 20,
  })

  useEffect(() => {
    if (follow && lines.length > 0) list.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [follow, lines, list])

  const scrolled = () => {
    const box = scroller.current
    if (box === null) return
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < END_PX
    const upwards = box.scrollTop < top.current - 1
    top.current = box.scrollTop
    if (follow && upwards && !atEnd) onFollow(false)
    if (!follow && !upwards && atEnd) onFollow(true)
  }

  return (
    <div
      ref={scroller}
      className={classes.lines}
      onScroll={scrolled}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      role="log"
      aria-live="off"
      data-wrap={wrap || undefined}
    >
      {lines.length === 0 && (
        <p className={classes.none}>{log.state === 'ended' ? 'This run wrote nothing.' : 'No lines yet.'}</p>
      )}
      <div className={classes.all} style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map(({ key, index, start }) => (
          <div
            key={key}
            data-index={index}
            ref={wrap ? list.measureElement : undefined}
            className={classes.line}
            style={{ transform: `translateY(${start}px)` }}
          >
            <span className={classes.number}>{dropped + index + 1}</span>
            <span className={classes.text}>{plainLine(lines[index] ?? '') || ' '}</span>
          </div>
        ))}
      </div>
    </div>
  )
}
