/** One run's door: its credential, its book, and what is under way through it. */

import type { RunId } from '#core/words.ts'
import type { Ledger } from '#engine/ports/gateway.ts'
import type { Log } from '#engine/ports/world.ts'
import type { Counter, Style } from './count.ts'
import { createCheck } from './credentials.ts'
import { type AllowList, createAllowList } from './egress.ts'
import { createBook } from './ledger.ts'

/** A provider of models. */
export interface Provider {
  /** Its address, http or https, with a path before `/v1` or without. */
  readonly upstream: string
  readonly key: string
  /** Which of the two interfaces it speaks: Messages (`anthropic`) or Responses (`openai`). */
  readonly style: Style
}

/** The place of a provider in a form to send to. */
export interface Target {
  readonly name: string
  readonly style: Style
  readonly key: string
  readonly base: URL
}

export interface OpenDoor {
  readonly run: RunId
  readonly token: string
  readonly target: Target
  /** Hosts by the port that is usual for the way there. */
  readonly allowed: { readonly tunnel: AllowList; readonly plain: AllowList }
  admits(shown: readonly string[]): boolean
  refusal(): string | null
  refuse(sentence: string): void
  /** Something that ends when the door is shut or refuses; returns what says that it has ended by itself. */
  begin(abort: () => void): () => void
  asked(): void
  answered(status: number, retryAfterMs: number | null, counter: Counter): void
  troubled(sentence: string): void
  /** A request to the model has ended, answered or not. */
  settled(counter: Counter | null): void
  ledger(): Ledger
  /** Ends what is under way. */
  shut(): void
}

export function createDoor(spec: {
  readonly run: RunId
  readonly token: string
  readonly target: Target
  readonly egress: readonly string[]
  readonly onUsage: ((ledger: Ledger) => void) | undefined
  readonly log: Log
}): OpenDoor {
  const { run, token, target, egress, onUsage, log } = spec
  const check = createCheck(token)
  const book = createBook()
  const underWay = new Set<() => void>()
  let refusal: string | null = null
  const abortAll = () => {
    for (const abort of [...underWay]) abort()
  }
  return {
    run,
    token,
    target,
    allowed: { tunnel: createAllowList(egress, 443), plain: createAllowList(egress, 80) },
    admits: check,
    refusal: () => refusal,
    refuse(sentence) {
      if (refusal !== null) return
      refusal = sentence
      book.troubled(sentence)
      abortAll()
    },
    begin(abort) {
      underWay.add(abort)
      return () => void underWay.delete(abort)
    },
    asked: book.asked,
    answered: book.answered,
    troubled: book.troubled,
    settled(counter) {
      if (counter !== null) book.settle(counter)
      try {
        onUsage?.(book.read())
      } catch (error) {
        log.error({ run, error }, 'what listens to the usage of a run failed')
      }
    },
    ledger: book.read,
    shut: abortAll,
  }
}
