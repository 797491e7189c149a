/**
 * The one way from an agent to its model: the key stays on this side, what was used is counted exactly, and a budget can
 * end it. It also lets a run reach the few other hosts that its role may.
 */
import type { Usage } from '#core/model.ts'
import type { RunId } from '#core/words.ts'

/** What the provider's own answers said. */
export interface Ledger {
  readonly requests: number
  /** Exact tokens of answered requests, by the model that answered; cost is not in an answer. */
  readonly byModel: Readonly<Record<string, Usage>>
  readonly lastStatus: number | null
  /** Of the last answer, in milliseconds; null where it named none. */
  readonly retryAfterMs: number | null
  /** Why the last request did not reach the provider, or why it was refused here; null where it did. */
  readonly trouble: string | null
}

/** One run's door. Shut by `close`; its credential is worthless from then on. */
export interface Door {
  /** The model's address as the run sees it, without a path. */
  readonly url: string
  /** Shown by the run instead of the key. */
  readonly token: string
  /** Proxy for the other hosts as the run sees it; null where it may reach none. */
  readonly proxy: string | null
  /** What the program must be started as, so that both addresses exist inside its isolation. */
  wrap(argv: readonly [string, ...string[]]): readonly [string, ...string[]]
  /** Folders that must be readable inside for that. */
  readonly readable: readonly string[]
  ledger(): Ledger
  /** From now on every request of this run is refused with the sentence, in a way that is not tried again. */
  refuse(sentence: string): void
  close(): void
}

export interface Gateway {
  /** `provider` as in the gateway's settings; throws UserError where it has no key. `onUsage` hears of every answer's end. */
  open(spec: {
    readonly run: RunId
    readonly provider: string
    readonly sandbox: 'on' | 'off'
    readonly egress: readonly string[]
    readonly onUsage?: (ledger: Ledger) => void
  }): Door
}
