/**
 * The one thread of the simulated world. Whoever calls a port is parked here; one parked continuation goes on at a
 * time, chosen by chance, and the clock moves only when nobody can go on. Nothing here is real: no timer, no I/O.
 */
import type { Millis } from '#core/words.ts'
import type { Random } from './random.ts'

/** Something that can be killed with all its continuations: one life of a host, the people, the world itself. */
export interface Actor {
  readonly name: string
  alive: boolean
}

interface Entry {
  readonly actor: Actor
  readonly label: string
  readonly resume: () => void
  readonly due: Millis
  readonly order: number
  gone: boolean
}

export interface Nap {
  readonly ended: Promise<void>
  /** Ends it early, `delayMs` from now at the latest. */
  wake(delayMs: number): void
}

export interface Scheduler {
  now(): Millis
  readonly steps: number
  actor(name: string): Actor
  /** Drops everything the actor was about to do. */
  kill(actor: Actor): void
  /** Parks the caller until it is chosen, at the earliest after `delayMs`. */
  pause(actor: Actor, label: string, delayMs?: Millis): Promise<void>
  /** As a clock sleeps: also ended by the signal. */
  sleep(actor: Actor, label: string, ms: Millis, signal?: AbortSignal): Promise<void>
  nap(actor: Actor, label: string, ms: Millis): Nap
  /** A plain happening, at the earliest after `delayMs`. */
  later(actor: Actor, label: string, delayMs: Millis, act: () => void): void
  /** Real work that a step waits for (a real store); nothing else goes on meanwhile. */
  busy<T>(work: Promise<T>): Promise<T>
  /** Lets one continuation go on until it parks again. False when there is none left. */
  step(): Promise<boolean>
}

export const START: Millis = Date.UTC(2030, 0, 1)

export function createScheduler(random: Random, onStep: (at: Millis, actor: string, label: string) => void): Scheduler {
  const ready: Entry[] = []
  const timers: Entry[] = []
  let now = START
  let order = 0
  let steps = 0
  let outstanding = 0

  const push = (actor: Actor, label: string, delayMs: Millis, resume: () => void): Entry => {
    order += 1
    const entry: Entry = { actor, label, resume, due: now + Math.max(0, Math.round(delayMs)), order, gone: false }
    if (entry.due <= now) ready.push(entry)
    else heapPush(timers, entry)
    return entry
  }

  /** The next continuation, taken out; time moves to it where nobody is ready. */
  const take = (): Entry | null => {
    for (;;) {
      while (ready.length > 0) {
        const index = Math.floor(random.float() * ready.length)
        const entry = ready[index] as Entry
        const last = ready.pop() as Entry
        if (last !== entry) ready[index] = last
        if (!entry.gone && entry.actor.alive) return entry
      }
      const first = heapPop(timers)
      if (first === null) return null
      if (first.gone || !first.actor.alive) continue
      now = Math.max(now, first.due)
      ready.push(first)
      while (timers.length > 0 && (timers[0] as Entry).due <= now) ready.push(heapPop(timers) as Entry)
    }
  }

  const scheduler: Scheduler = {
    now: () => now,
    get steps() {
      return steps
    },
    actor: (name) => ({ name, alive: true }),
    kill(actor) {
      actor.alive = false
    },
    pause: (actor, label, delayMs = 0) => new Promise((resolve) => void push(actor, label, delayMs, resolve)),
    nap(actor, label, ms) {
      let wake: (delayMs: number) => void = () => {}
      const ended = new Promise<void>((resolve) => {
        const entry = push(actor, label, ms, resolve)
        wake = (delayMs) => {
          if (entry.gone || entry.due <= now + delayMs) return
          entry.gone = true
          push(actor, label, delayMs, resolve)
        }
      })
      return { ended, wake: (delayMs) => wake(delayMs) }
    },
    sleep(actor, label, ms, signal) {
      if (signal?.aborted) return scheduler.pause(actor, label)
      const nap = scheduler.nap(actor, label, ms)
      if (signal === undefined) return nap.ended
      const onAbort = () => nap.wake(0)
      signal.addEventListener('abort', onAbort, { once: true })
      return nap.ended.then(() => signal.removeEventListener('abort', onAbort))
    },
    later: (actor, label, delayMs, act) => void push(actor, label, delayMs, act),
    async busy(work) {
      outstanding += 1
      try {
        return await work
      } finally {
        outstanding -= 1
      }
    },
    async step() {
      const entry = take()
      if (entry === null) return false
      entry.gone = true
      steps += 1
      onStep(now, entry.actor.name, entry.label)
      entry.resume()
      await drained()
      for (let turns = 0; outstanding > 0; turns += 1) {
        if (turns > 5_000_000) throw new Error(`${entry.actor.name}: ${entry.label} never ends`)
        await new Promise((resolve) => setImmediate(resolve))
      }
      return true
    },
  }
  return scheduler
}

/** All microtasks have run: a tick asked for inside a microtask comes after the last of them. */
const drained = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))

const before = (a: Entry, b: Entry): boolean => a.due < b.due || (a.due === b.due && a.order < b.order)

function heapPush(heap: Entry[], entry: Entry): void {
  let index = heap.push(entry) - 1
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!before(heap[index] as Entry, heap[parent] as Entry)) return
    swap(heap, index, parent)
    index = parent
  }
}

function heapPop(heap: Entry[]): Entry | null {
  const first = heap[0]
  if (first === undefined) return null
  const last = heap.pop() as Entry
  if (heap.length === 0) return first
  heap[0] = last
  for (let index = 0; ; ) {
    const left = 2 * index + 1
    if (left >= heap.length) return first
    const right = left + 1
    const child = right < heap.length && before(heap[right] as Entry, heap[left] as Entry) ? right : left
    if (!before(heap[child] as Entry, heap[index] as Entry)) return first
    swap(heap, index, child)
    index = child
  }
}

function swap(heap: Entry[], a: number, b: number): void {
  const held = heap[a] as Entry
  heap[a] = heap[b] as Entry
  heap[b] = held
}
