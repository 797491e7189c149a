import type { QueryClient } from '@tanstack/react-query'
import type { TaskDetail } from '../../../src/core/view.ts'

/** Key of a task, or null where the notice speaks of no single one (a freeze, the configuration). */
export type Changed = string | null

const GATHER_MS = 200
const REST_MS = 1_000

/**
 * Gathers notices for a moment and hands them on together. Never two at once, and with a rest after each: what arrives
 * meanwhile leads to one more reading after it. So no notice is lost, a single one is seen at once, and however many
 * come per second, the pages are read less than once.
 */
export function gather(handOn: (changed: ReadonlySet<Changed>) => Promise<unknown>): (changed: Changed) => void {
  let waiting = new Set<Changed>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let busy = false
  const flush = async () => {
    timer = undefined
    const batch = waiting
    waiting = new Set()
    busy = true
    try {
      await handOn(batch)
    } finally {
      timer = setTimeout(() => {
        timer = undefined
        busy = false
        if (waiting.size > 0) void flush()
      }, REST_MS)
    }
  }
  return (changed) => {
    waiting.add(changed)
    if (!busy && timer === undefined) timer = setTimeout(flush, GATHER_MS)
  }
}

/** Reads anew what the notices concern, and nothing else. */
export function readAnew(queries: QueryClient, changed: ReadonlySet<Changed>): Promise<void> {
  if (changed.has(null)) return queries.invalidateQueries()
  return queries.invalidateQueries({
    predicate: ({ queryKey: [kind, key, , sha], state }) => {
      if (kind === 'tasks' || kind === 'queue' || kind === 'usage') return true
      // Without a commit, the same name can stand for another text; and what was not there can be there now.
      if (kind === 'artefact') return changed.has(String(key)) && (sha === null || state.data == null)
      return kind === 'task' && (changed.has(String(key)) || waitsForOthers(state.data as TaskDetail | undefined))
    },
  })
}

/** Its sentence "why" is about other tasks, so their changes change it too. */
const waitsForOthers = (task: TaskDetail | undefined): boolean => task?.stage === 'queued' || task?.phase === 'ready'
