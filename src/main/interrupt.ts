/** Being asked to end: the first time gracefully, the second time at once. */

export interface Interruption {
  readonly signal: AbortSignal
  /** No longer listens. */
  release(): void
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What this process started dies with it, so that ending at once leaves nothing behind. */
export function onInterrupt(source: NodeJS.Process, say: (sentence: string) => void): Interruption {
  const controller = new AbortController()
  const listener = () => {
    if (controller.signal.aborted) source.exit(130)
    say('Ending; press Ctrl-C again to end at once.')
    controller.abort()
  }
  for (const name of SIGNALS) source.on(name, listener)
  return {
    signal: controller.signal,
    release: () => {
      for (const name of SIGNALS) source.off(name, listener)
    },
  }
}
