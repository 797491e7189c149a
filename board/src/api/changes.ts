import type { QueryClient } from '@tanstack/react-query'
import type { TaskDetail } from '../../../src/core/view.ts'

/** Key of a task, or null where the notice speaks of no single one (a freeze, the configuration). */
export type Changed = string | null

const GATHER_MS = 200

/**
 * Gathers notices for a moment and hands them on together. Never two at once: what arrives while pages are being read
 * leads to one more reading after it, so no notice is lost and a stream of them starves nobody.
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
      busy = false
      if (waiting.size > 0) timer = setTimeout(flush, GATHER_MS)
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
      if (kind === 'tasks' || kind === 'queue') return true
      // Without a commit, the same name can stand for another text.
      if (kind === 'artefact') return sha === null && changed.has(String(key))
      return kind === 'task' && (changed.has(String(key)) || waitsForOthers(state.data as TaskDetail | undefined))
    },
  })
}

/** Its sentence "why" is about other tasks, so their changes change it too. */
const waitsForOthers = (task: TaskDetail | undefined): boolean => task?.stage === 'queued' || task?.phase === 'ready'
