/** What the runtime is given. */
import type { Gateway } from '#engine/ports/gateway.ts'
import type { Processes } from '#engine/ports/processes.ts'
import type { Clock, Ids } from '#engine/ports/world.ts'
import type { FoundClaude } from './find.ts'

export interface ClaudeOptions {
  readonly processes: Processes
  readonly command: FoundClaude
  /** Where a run finds its programs, and its language. Nothing else of Orch's environment is in its reach. */
  readonly env: { readonly PATH: string; readonly LANG: string }
  /** Folders with those programs; shown even where they lie in a hidden one. */
  readonly tools: readonly string[]
  /** Null where a subscription is used instead of a key. */
  readonly gateway: Gateway | null
  /** The account's own token for the CLI, used where there is no gateway; it is then in each run's reach. */
  readonly subscriptionToken: string | null
  /** Private folder for conversations that wait for an answer; made when needed. */
  readonly sessionsDir: string
  readonly clock: Clock
  readonly ids: Ids
  /** How long the CLI may stay after its result; 15 s where absent. */
  readonly postResultMs?: number
  /** How long it may take to obey its own interrupt before signals follow; 5 s where absent. */
  readonly interruptMs?: number
}
