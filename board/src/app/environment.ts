import { createContext, use } from 'react'
import type { Client } from '../api/client.ts'
import type { Clock } from '../api/clock.ts'
import type { StreamOutside } from '../api/keep-open.ts'
import type { LiveFeed } from '../api/live-feed.ts'

/** Everything of the outside that components use; made once, in `main.tsx`. */
export interface Environment {
  readonly client: Client
  readonly clock: Clock
  readonly live: LiveFeed
  readonly streams: StreamOutside
  /** One-time code of the link that the page was opened with. */
  readonly loginCode: string | null
}

export const EnvironmentContext = createContext<Environment | null>(null)

/** @throws {Error} outside of the provider, which is a mistake in the program. */
export function useEnvironment(): Environment {
  const environment = use(EnvironmentContext)
  if (environment === null) throw new Error('the environment of the board is missing')
  return environment
}
