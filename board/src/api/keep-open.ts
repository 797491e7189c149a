/** A server-sent stream that is opened again after every loss, each time waiting longer, up to half a minute. */
export interface Stream {
  readonly close: () => void
  /** Does not wait for the next try. */
  readonly now: () => void
}

export interface StreamHandlers {
  readonly opened: () => void
  readonly lost: () => void
  /** By name of the event. */
  readonly on: Readonly<Record<string, (data: string) => void>>
}

export interface StreamOutside {
  readonly open: (url: string) => EventSource
  /** Between 0 and 1, spreads the tries of many pages. */
  readonly chance: () => number
}

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000

export function keepOpen(url: string, handlers: StreamHandlers, { open, chance }: StreamOutside): Stream {
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let losses = 0
  let closed = false

  const connect = () => {
    clearTimeout(timer)
    source?.close()
    if (closed) return
    const opening = open(url)
    source = opening
    opening.onopen = () => {
      losses = 0
      handlers.opened()
    }
    // The browser's own reconnecting gives up on any answer but 200, so each loss is taken into our own hands.
    opening.onerror = () => {
      opening.close()
      if (closed || source !== opening) return
      const longest = Math.min(FIRST_WAIT_MS * 2 ** losses++, LONGEST_WAIT_MS)
      timer = setTimeout(connect, longest * (0.5 + chance() / 2))
      handlers.lost()
    }
    for (const [name, handle] of Object.entries(handlers.on))
      opening.addEventListener(name, (event) => handle(String((event as MessageEvent).data)))
  }

  connect()
  return {
    close: () => {
      closed = true
      clearTimeout(timer)
      source?.close()
    },
    now: connect,
  }
}
