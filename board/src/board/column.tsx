import { ActionIcon } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import type { TaskSummary } from '../../../src/core/view.ts'
import { Icon } from '../parts/icon.tsx'
import { STAGE_TITLES, type StageName } from '../words/stages.ts'
import { cardRem, GAP_REM, remInPx } from './card-height.ts'
import classes from './columns.module.css'
import { TaskCard } from './task-card.tsx'

interface Props {
  readonly stage: StageName
  readonly tasks: readonly TaskSummary[]
  readonly onFold: () => void
}

/** Draws only the cards that are seen. Their heights are known, so nothing moves while it scrolls. */
export function Column({ stage, tasks, onFold }: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  const rem = remInPx()
  const list = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => cardRem(tasks[index]) * rem,
    getItemKey: (index) => tasks[index]?.id ?? index,
    gap: GAP_REM * rem,
    paddingEnd: GAP_REM * rem,
    overscan: 6,
  })
  return (
    <section className={classes.column} aria-label={STAGE_TITLES[stage]} data-stage={stage}>
      <header className={classes.head}>
        <h2 className={classes.title}>{STAGE_TITLES[stage]}</h2>
        <span className={classes.count}>{tasks.length}</span>
        <ActionIcon
          variant="transparent"
          size="sm"
          className="quiet"
          onClick={onFold}
          aria-label={`Fold ${STAGE_TITLES[stage]}`}
        >
          <Icon name="back" size={13} />
        </ActionIcon>
      </header>
      <div ref={scroller} className={classes.scroll} data-scroll-restoration-id={`column-${stage}`}>
        <ul className={classes.list} style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map(({ key, index, start }) => {
            const task = tasks[index]
            return (
              task && (
                <li
                  key={key}
                  className={classes.item}
                  style={{ transform: `translateY(${start}px)` }}
                  aria-setsize={tasks.length}
                  aria-posinset={index + 1}
                >
                  <TaskCard task={task} />
                </li>
              )
            )
          })}
        </ul>
      </div>
    </section>
  )
}
