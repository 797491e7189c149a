import { keepOpen, type StreamOutside } from './keep-open.ts'

/** Lines kept of one run's log; earlier ones are dropped and counted. */
export const LOG_LINES_KEPT = 5_000
const SHOW_EVERY_MS = 100

export interface LogView {
  readonly lines: readonly string[]
  /** Number of earlier lines that are no longer kept. */
  readonly dropped: number
  readonly state: 'connecting' | 'following' | 'lost' | 'ended'
}

export interface LogStream {
  readonly view: () => LogView
  readonly subscribe: (listener: () => void) => () => void
  readonly close: () => void
}

/** Reads `/api/runs/:id/log`. The stream carries no ids, so after a loss it starts again from the first line. */
export function createLogStream(url: string, outside: StreamOutside): LogStream {
  const listeners = new Set<() => void>()
  let view: LogView = { lines: [], dropped: 0, state: 'connecting' }
  let arrived: string[] = []
  let afresh = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const become = (next: LogView) => {
    view = next
    for (const listener of listeners) listener()
  }
  const show = (state: LogView['state'] = view.state) => {
    clearTimeout(timer)
    timer = undefined
    const before = afresh ? { lines: [], dropped: 0 } : view
    const all = arrived.length === 0 ? before.lines : [...before.lines, ...arrived]
    const over = Math.max(0, all.length - LOG_LINES_KEPT)
    arrived = []
    afresh = false
    become({ lines: over === 0 ? all : all.slice(over), dropped: before.dropped + over, state })
  }

  const stream = keepOpen(
    url,
    {
      opened: () => {
        arrived = []
        afresh = true
        timer ??= setTimeout(() => show('following'), SHOW_EVERY_MS)
      },
      lost: () => show('lost'),
      on: {
        line: (data) => {
          arrived.push(lineOf(data))
          timer ??= setTimeout(() => show('following'), SHOW_EVERY_MS)
        },
        end: () => {
          stream.close()
          show('ended')
        },
      },
    },
    outside,
  )

  return {
    view: () => view,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => {
      clearTimeout(timer)
      stream.close()
    },
  }
}

function lineOf(data: string): string {
  try {
    return String(JSON.parse(data))
  } catch {
    return data
  }
}
