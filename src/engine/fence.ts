/**
 * The self-fence: a worker that cannot prove that its claim is still its own ends its work before the queue may hand
 * the job to another host. Trust counts from the moment a successful touch was *sent*.
 */
import type { Millis } from '#core/words.ts'
import type { StopReason } from './ports/processes.ts'
import type { Claim, Queue } from './ports/store.ts'
import type { Clock } from './ports/world.ts'

export interface FenceDeps {
  readonly queue: Pick<Queue, 'touch'>
  readonly clock: Clock
  /** `touchMs` between touches; `trustMs` must lie well below the queue's heartbeat limit. */
  readonly fence: { readonly touchMs: number; readonly trustMs: number }
  readonly shutdown: AbortSignal
}

export interface Fence {
  /** Aborts with a StopReason. */
  readonly signal: AbortSignal
  release(): void
}

/** `proven` is when the last successful touch was sent; where that is too long ago, the signal is aborted at once. */
export function keepClaim(
  { queue, clock, fence, shutdown }: FenceDeps,
  claim: Claim,
  cancelled: AbortSignal,
  proven: Millis,
): Fence {
  const ended = new AbortController()
  const work = new AbortController()
  const stop = (reason: StopReason) => work.abort(reason)
  let trustedUntil = proven + fence.trustMs

  const onCancelled = () => stop('cancelled')
  const onShutdown = () => stop('shutdown')
  if (cancelled.aborted) onCancelled()
  if (shutdown.aborted) onShutdown()
  cancelled.addEventListener('abort', onCancelled)
  shutdown.addEventListener('abort', onShutdown)

  const touch = async () => {
    const sent = clock.now()
    const isOurs = await queue.touch(claim).catch(() => null)
    if (isOurs === true) trustedUntil = sent + fence.trustMs
    if (isOurs === false) stop('cancelled')
  }
  const keep = async () => {
    while (!ended.signal.aborted && !work.signal.aborted) {
      await clock.sleep(fence.touchMs, ended.signal)
      if (!ended.signal.aborted) void touch()
    }
  }
  const watch = async () => {
    while (!ended.signal.aborted && !work.signal.aborted) {
      const left = trustedUntil - clock.now()
      if (left <= 0) return stop('fenced')
      await clock.sleep(Math.min(left, fence.touchMs), ended.signal)
    }
  }
  void keep()
  void watch()
  return {
    signal: work.signal,
    release: () => {
      ended.abort()
      cancelled.removeEventListener('abort', onCancelled)
      shutdown.removeEventListener('abort', onShutdown)
    },
  }
}
