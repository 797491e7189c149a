/** What the runtime is given. */
import type { Gateway } from '#engine/ports/gateway.ts'
import type { Processes } from '#engine/ports/processes.ts'
import type { Clock } from '#engine/ports/world.ts'
import type { CodexLogin } from './environment.ts'
import type { FoundCodex } from './find.ts'

export interface CodexOptions {
  readonly processes: Processes
  readonly command: FoundCodex
  /** Where a run finds its programs, and its language. Nothing else of Orch's environment is in its reach. */
  readonly env: { readonly PATH: string; readonly LANG: string }
  /** Folders with those programs; shown even where they lie in a hidden one. */
  readonly tools: readonly string[]
  /** Null where the CLI goes to its provider by itself. */
  readonly gateway: Gateway | null
  /** The CLI's own credential, used where there is no gateway; it is then in each run's reach. */
  readonly login: CodexLogin | null
  /** Private folder for conversations that wait for an answer; made when needed. */
  readonly sessionsDir: string
  readonly clock: Clock
  /** How long the CLI may stay after its result; 15 s where absent. */
  readonly postResultMs?: number
}

/** As in the gateway's settings. */
export const PROVIDER = 'openai'
