import { useEffect, useSyncExternalStore } from 'react'
import type { LiveState } from '../api/live-feed.ts'
import { useEnvironment } from './environment.ts'

/** Follows the server's changes for as long as the page is there. */
export function useLive(): LiveState {
  const { live } = useEnvironment()
  useEffect(() => live.follow(document, window), [live])
  return useSyncExternalStore(live.subscribe, live.state)
}
