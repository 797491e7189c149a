import { setTimeout as pause } from 'node:timers/promises'

const POLL_MS = 20

/**
 * Waits for a fact of the outside world that announces itself to nobody (another process' end, a file).
 * Resolves true when the condition holds, false when `timeoutMs` passed first; rejects when `signal` aborts.
 */
export const until = async (
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> => {
  const deadline = AbortSignal.timeout(timeoutMs)
  for (;;) {
    signal?.throwIfAborted()
    if (await condition()) return true
    if (deadline.aborted) return false
    await pause(POLL_MS, undefined, signal ? { signal } : {})
  }
}
