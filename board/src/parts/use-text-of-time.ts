import { useSyncExternalStore } from 'react'
import { useEnvironment } from '../app/environment.ts'

/** A text that depends on the time. Only the component itself is drawn anew, and only when the text is another one. */
export function useTextOfTime(text: (now: number) => string): string {
  const { clock } = useEnvironment()
  return useSyncExternalStore(clock.subscribe, () => text(clock.now()))
}
