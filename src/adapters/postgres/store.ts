/** The store on PostgreSQL. */
import type { Store, Tx } from '#engine/ports/store.ts'
import { asTransient, type Database } from './database.ts'
import type { QueueCalls } from './queue.ts'
import { createReads } from './reads.ts'
import { effectPart } from './tx/effects.ts'
import { inboxPart } from './tx/inbox.ts'
import { runPart } from './tx/runs.ts'
import { taskPart } from './tx/tasks.ts'

export function createStore(db: Database, queue: QueueCalls): Store {
  return {
    reads: createReads(db),
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
