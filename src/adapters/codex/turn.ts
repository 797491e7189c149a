/** What is known of a run from the events so far. */
import type { CodexEvent, CodexUsage } from './events.ts'

export interface Turn {
  /** Id of the session; null before it is told, or where it is no id. */
  readonly session: string | null
  /** The last message of the last turn. */
  readonly text: string | null
  readonly end:
    | { readonly is: 'completed'; readonly usage: CodexUsage }
    | { readonly is: 'failed'; readonly message: string }
    | null
  /** What it complained of last, as long as nothing came of it. */
  readonly trouble: string | null
  /** How many lines were events, and how many were not. */
  readonly events: number
  readonly strange: number
}

export const NO_TURN: Turn = { session: null, text: null, end: null, trouble: null, events: 0, strange: 0 }

const SESSION = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** It becomes a part of file names and arguments. */
export const isSessionId = (id: string): boolean => SESSION.test(id)

/** `event` is null for a line that is none. */
export function after(turn: Turn, event: CodexEvent | null): Turn {
  if (event === null) return { ...turn, strange: turn.strange + 1 }
  const next = { ...turn, events: turn.events + 1 }
  switch (event.is) {
    case 'thread':
      return { ...next, session: isSessionId(event.id) ? event.id : null }
    // Should there be several, the last one counts.
    case 'turn-started':
      return { ...next, text: null, end: null, trouble: null }
    case 'turn-completed':
      return { ...next, end: { is: 'completed', usage: event.usage }, trouble: null }
    case 'turn-failed':
      return { ...next, end: { is: 'failed', message: event.message || (turn.trouble ?? '') }, trouble: null }
    case 'trouble':
      return { ...next, trouble: event.message }
    case 'message':
      return { ...next, text: event.text, trouble: null }
    case 'tool':
      return { ...next, trouble: null }
    case 'other':
      return next
  }
}
