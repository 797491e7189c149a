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

/** Stages below each other for a narrow window; each can be closed. Only the rows that are seen are drawn. */
export function StageGroups({ columns }: { columns: readonly StageColumn[] }) {
  const [toggled, setToggled] = useState<ReadonlySet<StageName>>(new Set())
  const rows = rowsOf(columns, (stage) => isFinalStage(stage) === toggled.has(stage))
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
  const toggle = (stage: StageName) =>
    setToggled((before) =>
      before.has(stage) ? new Set([...before].filter((other) => other !== stage)) : new Set([...before, stage]),
    )
  return (
    <div ref={place} className={classes.groups} style={{ height: list.getTotalSize() }}>
      {list.getVirtualItems().map(({ key, index, start }) => {
        const row = rows[index]
        return (
          row && (
            <div key={key} className={classes.row} style={{ transform: `translateY(${start - above}px)` }}>
              {row.is === 'head' ? (
                <GroupHead stage={row.stage} count={row.count} open={row.open} onToggle={() => toggle(row.stage)} />
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

function rowsOf(columns: readonly StageColumn[], isOpen: (stage: StageName) => boolean): readonly Row[] {
  return columns
    .filter(({ tasks }) => tasks.length > 0)
    .flatMap(({ stage, tasks }): Row[] => {
      const open = isOpen(stage)
      const head: Row = { is: 'head', stage, count: tasks.length, open }
      return [head, ...(open ? tasks.map((task): Row => ({ is: 'card', task })) : [])]
    })
}
