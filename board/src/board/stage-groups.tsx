import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useRef, useState } from 'react'
import type { TaskSummary } from '../../../src/core/view.ts'
import { isFinalStage, type StageName } from '../words/stages.ts'
import type { StageColumn } from './arrange.ts'
import { cardRem, GAP_REM, GROUP_REM, remInPx } from './card-height.ts'
import { GroupHead } from './group-head.tsx'
import classes from './stage-groups.module.css'
import { TaskCard } from './task-card.tsx'

type Row =
  | { readonly is: 'head'; readonly stage: StageName; readonly count: number; readonly open: boolean }
  | { readonly is: 'card'; readonly task: TaskSummary }

/** A longer line of waiting tasks would keep everything at work far below the edge of a phone. */
const LONG_LINE = 12

/** Stages below each other for a narrow window; each can be closed. Only the rows that are seen are drawn. */
export function StageGroups({ columns }: { columns: readonly StageColumn[] }) {
  const [chosen, setChosen] = useState<Readonly<Partial<Record<StageName, boolean>>>>({})
  const rows = rowsOf(columns, ({ stage, tasks }) => chosen[stage] ?? opensByItself(stage, tasks.length))
  const place = useRef<HTMLDivElement>(null)
  const [above, setAbove] = useState(0)
  useLayoutEffect(() => setAbove(place.current?.offsetTop ?? 0), [])
  const rem = remInPx()
  const list = useWindowVirtualizer({
    count: rows.length,
    estimateSize: (index) => {
      const row = rows[index]
      return (row?.is === 'card' ? cardRem(row.task) : GROUP_REM) * rem
    },
    getItemKey: (index) => {
      const row = rows[index]
      return row?.is === 'card' ? row.task.id : (row?.stage ?? index)
    },
    gap: GAP_REM * rem,
    overscan: 8,
    scrollMargin: above,
  })
  return (
    <div ref={place} className={classes.groups} style={{ height: list.getTotalSize() }}>
      {list.getVirtualItems().map(({ key, index, start }) => {
        const row = rows[index]
        return (
          row && (
            <div key={key} className={classes.row} style={{ transform: `translateY(${start - above}px)` }}>
              {row.is === 'head' ? (
                <GroupHead
                  stage={row.stage}
                  count={row.count}
                  open={row.open}
                  onToggle={() => setChosen((before) => ({ ...before, [row.stage]: !row.open }))}
                />
              ) : (
                <TaskCard task={row.task} />
              )}
            </div>
          )
        )
      })}
    </div>
  )
}

const opensByItself = (stage: StageName, count: number): boolean =>
  !isFinalStage(stage) && (stage !== 'queued' || count <= LONG_LINE)

function rowsOf(columns: readonly StageColumn[], isOpen: (column: StageColumn) => boolean): readonly Row[] {
  return columns
    .filter(({ tasks }) => tasks.length > 0)
    .flatMap((column): Row[] => {
      const { stage, tasks } = column
      const open = isOpen(column)
      const head: Row = { is: 'head', stage, count: tasks.length, open }
      return [head, ...(open ? tasks.map((task): Row => ({ is: 'card', task })) : [])]
    })
}
