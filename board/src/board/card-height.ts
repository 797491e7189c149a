import type { TaskSummary } from '../../../src/core/view.ts'

/** Heights of `task-card.module.css` in rem: the same there and here, so that no card has to be measured. */
const CARD_REM = 6.125
const REASON_REM = 2.25
export const GAP_REM = 0.375
export const GROUP_REM = 2.75

/** How many px a rem is, at the reader's own text size. */
export const remInPx = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize)

export const hasReason = (task: TaskSummary): boolean => task.why !== null || task.hold !== null

export const cardRem = (task: TaskSummary | undefined): number =>
  CARD_REM + (task !== undefined && hasReason(task) ? REASON_REM : 0)
