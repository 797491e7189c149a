/** The store on PostgreSQL. */
import type { Reads, Store, Tx } from '#engine/ports/store.ts'
import { asTransient, type Database } from './database.ts'
import type { QueueCalls } from './queue.ts'
import { createReads } from './reads.ts'
import { effectPart } from './tx/effects.ts'
import { inboxPart } from './tx/inbox.ts'
import { runPart } from './tx/runs.ts'
import { taskPart } from './tx/tasks.ts'

export function createStore(db: Database, queue: QueueCalls): Store {
  return {
    reads: sorted(createReads(db)),
    async transaction(work) {
      try {
        return await db.transaction().execute((trx) => {
          const tx: Tx = { ...taskPart(trx), ...runPart(trx, queue), ...effectPart(trx), ...inboxPart(trx) }
          return work(tx)
        })
      } catch (thrown) {
        throw asTransient(thrown)
      }
    },
  }
}

type Ask = (...question: readonly never[]) => Promise<unknown>

/** The same, with every error sorted into what may pass and what may not. */
const sorted = (reads: Reads): Reads =>
  Object.fromEntries(
    Object.entries(reads as unknown as Record<string, Ask>).map(([name, ask]) => [
      name,
      (...question: readonly never[]) =>
        ask(...question).catch((thrown: unknown) => {
          throw asTransient(thrown)
        }),
    ]),
  ) as unknown as Reads
