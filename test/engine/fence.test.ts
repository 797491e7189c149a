import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { keepClaim } from '#engine/fence.ts'

const FENCE = { touchMs: 8_000, trustMs: 33_000 }
const CLAIM = { run: '1.1', job: 'job-1', delivery: 0 }

/** A clock that goes on by steps, and ends the sleeps that are over. */
function steppedClock() {
  let now = 0
  const sleepers = new Set<{ due: number; wake: () => void }>()
  return {
    now: () => now,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        const sleeper = { due: now + ms, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => resolve(), { once: true })
      }),
    async passTo(at: number) {
      for (; now < at; now += 1_000) {
        for (const sleeper of sleepers) if (sleeper.due <= now && sleepers.delete(sleeper)) sleeper.wake()
        await turn()
      }
    },
  }
}

/** Keeps a claim that was proven at 0, and tells when its work was ended, and why. */
async function ended(touch: (now: number, sleep: (ms: number) => Promise<void>) => Promise<boolean>, until: number) {
  const clock = steppedClock()
  const never = new AbortController().signal
  const queue = { touch: () => touch(clock.now(), (ms) => clock.sleep(ms)) }
  const fence = keepClaim({ queue, clock, fence: FENCE, shutdown: never }, CLAIM, never, 0)
  let at: number | null = null
  fence.signal.addEventListener('abort', () => {
    at = clock.now()
  })
  await clock.passTo(until)
  fence.release()
  return [at, fence.signal.reason]
}

const unreachable = async () => {
  throw new Error('the queue cannot be reached')
}

describe('the fence of a claim', () => {
  it('holds while touches are answered', async () => {
    assert.deepEqual(await ended(async () => true, 120_000), [null, undefined])
  })

  it('ends the work when no touch was answered for the time of trust', async () => {
    assert.deepEqual(await ended(unreachable, 60_000), [33_000, 'fenced'])
  })

  it('counts from when a touch was sent, not from when it was answered', async () => {
    const late = async (now: number, sleep: (ms: number) => Promise<void>) => {
      if (now > 8_000) return unreachable()
      await sleep(20_000)
      return true
    }
    assert.deepEqual(await ended(late, 90_000), [41_000, 'fenced'])
  })

  it('ends the work at once when the queue says that the claim is void', async () => {
    assert.deepEqual(await ended(async () => false, 60_000), [8_000, 'cancelled'])
  })
})
