/** The book of one run: what was asked, answered and used. Answers under way count with what they have said so far. */
import type { Usage } from '#core/model.ts'
import type { Ledger } from '#engine/ports/gateway.ts'
import type { Counter } from './count.ts'

export interface Book {
  asked(): void
  answered(status: number, retryAfterMs: number | null, counter: Counter): void
  /** The answer of this counter has ended; told once. */
  settle(counter: Counter): void
  /** The last request did not reach the provider, its answer was cut off, or it was refused here. */
  troubled(sentence: string): void
  read(): Ledger
}

const CLASSES = ['input', 'output', 'cacheRead', 'cacheCreation'] as const

const add = (total: Usage, more: Usage): Usage => ({
  ...total,
  ...Object.fromEntries(
    CLASSES.flatMap((name) => (more[name] === undefined ? [] : [[name, (total[name] ?? 0) + more[name]]])),
  ),
})

export function createBook(): Book {
  const settled = new Map<string, Usage>()
  const underWay = new Set<Counter>()
  let requests = 0
  let lastStatus: number | null = null
  let retryAfterMs: number | null = null
  let trouble: string | null = null

  const enter = (book: Map<string, Usage>, counter: Counter) => {
    const said = counter.said()
    if (said !== null) book.set(said.model, add(book.get(said.model) ?? {}, said.usage))
  }
  return {
    asked() {
      requests += 1
    },
    answered(status, afterMs, counter) {
      lastStatus = status
      retryAfterMs = afterMs
      trouble = null
      underWay.add(counter)
    },
    settle(counter) {
      underWay.delete(counter)
      counter.end()
      enter(settled, counter)
    },
    troubled(sentence) {
      trouble = sentence
    },
    read() {
      const all = new Map(settled)
      for (const counter of underWay) enter(all, counter)
      return { requests, byModel: Object.fromEntries(all), lastStatus, retryAfterMs, trouble }
    },
  }
}
