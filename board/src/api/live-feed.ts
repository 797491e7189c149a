import type { ChangeNotice } from '../../../src/core/view.ts'
import type { Changed } from './changes.ts'
import { keepOpen, type Stream, type StreamOutside } from './keep-open.ts'

export type LiveState = 'connecting' | 'live' | 'lost' | 'paused'

export interface LiveFeed {
  readonly state: () => LiveState
  readonly subscribe: (listener: () => void) => () => void
  /** Follows the page: closed a while after it is hidden, opened when it is seen again. Returns the way to end it. */
  readonly follow: (page: Document, window: Window) => () => void
}

/** Browsers allow six connections to one HTTP/1.1 server over all tabs; a hidden tab must not keep one for itself. */
const CLOSE_HIDDEN_AFTER_MS = 30_000

export function createLiveFeed(url: string, changed: (task: Changed) => void, outside: StreamOutside): LiveFeed {
  const listeners = new Set<() => void>()
  let state: LiveState = 'connecting'
  let stream: Stream | null = null
  const become = (next: LiveState) => {
    state = next
    for (const listener of listeners) listener()
  }
  const open = () => {
    stream ??= keepOpen(
      url,
      {
        opened: () => {
          become('live')
          // What changed before the stream was open was not told: everything is read anew.
          changed(null)
        },
        lost: () => become('lost'),
        on: { change: (data) => changed(taskOf(data)) },
      },
      outside,
    )
  }
  const close = () => {
    stream?.close()
    stream = null
    become('paused')
  }

  return {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    follow: (page, window) => {
      let timer: ReturnType<typeof setTimeout> | undefined
      const seen = () => {
        clearTimeout(timer)
        if (page.hidden) timer = setTimeout(close, CLOSE_HIDDEN_AFTER_MS)
        else open()
      }
      const online = () => stream?.now()
      page.addEventListener('visibilitychange', seen)
      window.addEventListener('online', online)
      open()
      seen()
      return () => {
        clearTimeout(timer)
        page.removeEventListener('visibilitychange', seen)
        window.removeEventListener('online', online)
        close()
      }
    },
  }
}

function taskOf(data: string): Changed {
  try {
    return (JSON.parse(data) as ChangeNotice).task
  } catch {
    return null
  }
}
