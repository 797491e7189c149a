/**
 * The way from one life of a host to the world: every call is parked before and after it, and may come to nothing,
 * happen without an answer, happen later, or happen twice.
 */
import { TransientError } from '#core/errors.ts'
import type { Millis } from '#core/words.ts'
import type { Random } from '../random.ts'
import type { Actor, Scheduler } from '../scheduler.ts'
import type { Sometimes } from '../sometimes.ts'

/** The faults that are on now, as probabilities per call; all zero in calm times. */
export interface Weather {
  readonly outsideError: number
  readonly mergeError: number
  readonly storeError: number
  readonly slow: number
  readonly stall: number
}

export interface OutsideEnv {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly weather: () => Weather
  readonly sometimes: Sometimes
  readonly note: (text: string) => void
  /** How long it is still cut off from the store and its queue; 0: it is not. */
  readonly cutForMs: () => Millis
}

export interface Outside {
  /** Orch's own disk: no faults, but a place to be killed. */
  local<T>(label: string, act: () => T): Promise<T>
  read<T>(label: string, act: () => T): Promise<T>
  /** `isLate`: the caller has given up by then. */
  write<T>(label: string, act: (isLate: boolean) => T, kind?: 'merge'): Promise<T>
  storeRead<T>(label: string, act: () => Promise<T>): Promise<T>
  storeWrite<T>(label: string, act: () => Promise<T>): Promise<T>
  /** The host died: what was on its way may still arrive. */
  abandon(): void
}

/** What a call that came to nothing says; another try may come to something. */
export const UNREACHABLE: readonly string[] = [
  'the other side did not answer',
  'the store cannot be reached',
  'the store did not answer',
]
const [NO_ANSWER, NO_STORE, NO_COMMIT] = UNREACHABLE as [string, string, string]

/** No call of a caller that has given up takes effect later than this. */
export const LATEST_MS: Millis = 20_000
/** No call hangs longer. */
export const LONGEST_STALL_MS: Millis = 150_000
/** After that the claim under which a call was made is no longer anybody's. */
const HUNG_MS: Millis = 45_000

export function createOutside(actor: Actor, env: OutsideEnv): Outside {
  const { scheduler, random, weather, sometimes, note, cutForMs } = env
  const wire = scheduler.actor('wire')
  const inFlight = new Map<object, { label: string; act: () => void }>()

  const latency = (): Millis => {
    if (weather().stall > 0 && random.chance(weather().stall)) return random.between(20_000, LONGEST_STALL_MS)
    if (random.chance(weather().slow)) return random.between(500, 8_000)
    return random.chance(0.6) ? 0 : random.between(1, 200)
  }
  const arriveLater = (label: string, act: () => void, withinMs: Millis) => {
    scheduler.later(wire, `${label} arrives`, random.between(1, withinMs), () => {
      try {
        act()
      } catch {
        // Nobody is left to hear of it.
      }
    })
  }
  const unreachable = (): TransientError => {
    const asked = random.chance(0.3) ? { retryAfterMs: random.between(1_000, 60_000) } : {}
    return new TransientError(NO_ANSWER, asked)
  }
  const fateOf = (kind?: 'merge') =>
    random.chance(Math.max(weather().outsideError, kind === 'merge' ? weather().mergeError : 0))
      ? random.weighted([
          ['refused', 3],
          ['unanswered', 3],
          ['late', kind === 'merge' ? 5 : 2],
          ['twice', 2],
        ] as const)
      : 'done'

  return {
    async local(label, act) {
      await scheduler.pause(actor, label)
      return act()
    },

    async read(label, act) {
      await scheduler.pause(actor, label, latency())
      const error = random.chance(weather().outsideError) ? unreachable() : null
      const result = error === null ? act() : undefined
      await scheduler.pause(actor, error === null ? `${label} ✓` : `${label} ✗`, latency())
      if (error !== null) throw error
      return result as ReturnType<typeof act>
    },

    async write(label, act, kind) {
      const flight = {}
      inFlight.set(flight, { label, act: () => void act(true) })
      const wait = latency()
      await scheduler.pause(actor, label, wait + (kind === 'merge' ? random.between(0, 800) : 0))
      inFlight.delete(flight)
      const isLate = wait > HUNG_MS
      const fate = fateOf(kind)
      let settle: () => ReturnType<typeof act>
      switch (fate) {
        case 'refused':
        case 'late':
          sometimes.saw(fate === 'late' ? 'outside: done late' : 'outside: refused before the effect')
          if (fate === 'late') arriveLater(label, () => void act(true), LATEST_MS)
          settle = () => {
            throw unreachable()
          }
          break
        case 'unanswered':
          sometimes.saw('outside: failed after the effect')
          outcomeOf(() => act(isLate))
          settle = () => {
            throw unreachable()
          }
          break
        case 'twice':
          sometimes.saw('outside: done twice')
          settle = outcomeOf(() => act(isLate))
          arriveLater(label, () => void act(true), 3_000)
          break
        default:
          settle = outcomeOf(() => act(isLate))
      }
      if (fate !== 'done') note(`${label}: ${fate}`)
      await scheduler.pause(actor, `${label} ${fate === 'done' || fate === 'twice' ? '✓' : '✗'}`, latency())
      return settle()
    },

    async storeRead(label, act) {
      await scheduler.pause(actor, label)
      const isLost = cutForMs() > 0 || random.chance(weather().storeError / 2)
      const result = isLost ? undefined : await scheduler.busy(act())
      await scheduler.pause(actor, isLost ? `${label} ✗` : `${label} ✓`)
      if (isLost) throw new TransientError(NO_STORE)
      return result as Awaited<ReturnType<typeof act>>
    },

    async storeWrite(label, act) {
      await scheduler.pause(actor, label, latency())
      if (cutForMs() > 0 || random.chance(weather().storeError)) {
        await scheduler.pause(actor, `${label} ✗`, random.between(0, 3_000))
        throw new TransientError(NO_STORE)
      }
      const settle = await scheduler.busy(settled(act))
      const isUnknown = random.chance(weather().storeError)
      if (isUnknown) sometimes.saw('store: commit whose answer was lost')
      await scheduler.pause(actor, `${label} ${isUnknown ? '?' : '✓'}`, latency())
      // An answer that was on its way when the line was cut comes when it is whole again.
      if (cutForMs() > 0) await scheduler.pause(actor, `${label} is answered late`, cutForMs() + random.between(0, 500))
      if (isUnknown) throw new TransientError(NO_COMMIT)
      return settle()
    },

    abandon() {
      if (inFlight.size > 0) sometimes.saw('host: crashed in the middle of an outside call')
      for (const { label, act } of inFlight.values()) if (random.chance(0.4)) arriveLater(label, act, LATEST_MS)
      inFlight.clear()
    },
  }
}

/** What a call came to, kept until its caller may hear of it. */
function outcomeOf<T>(act: () => T): () => T {
  try {
    const result = act()
    return () => result
  } catch (thrown) {
    return () => {
      throw thrown
    }
  }
}

async function settled<T>(act: () => Promise<T>): Promise<() => T> {
  try {
    const result = await act()
    return () => result
  } catch (thrown) {
    return () => {
      throw thrown
    }
  }
}
