/** What changed, as server-sent events: pages read the state anew, so that a lost notice costs nothing but time. */
import type { ChangeNotice } from '#core/view.ts'
import type { LoggedStory } from '#engine/ports/store.ts'
import type { WebDeps } from './app.ts'
import { openStream } from './sse.ts'
import type { ZodApp } from './zod-app.ts'

/** Tells that something was committed; how much is read from the log. */
export interface Changes {
  subscribe(listener: () => void): () => void
}

const BATCH = 500

export function eventRoutes(app: ZodApp, { store, changes }: WebDeps): void {
  app.get('/api/events', async (request, reply) => {
    const header = request.headers['last-event-id']
    let last =
      typeof header === 'string' && /^[0-9]{1,15}$/.test(header) ? Number(header) : await store.reads.lastStoryId()
    const stream = openStream(request, reply)
    let isReading = false
    let again = false

    const read = async (): Promise<void> => {
      do {
        again = false
        const rows = await store.reads.storySince(last, BATCH)
        for (const notice of await noticesOf(rows)) stream.send('change', notice, notice.id)
        last = rows.at(-1)?.id ?? last
        if (rows.length === BATCH) again = true
      } while (again && !stream.isClosed())
    }
    const look = () => {
      again = true
      if (isReading) return
      isReading = true
      void read()
        .catch(() => stream.close())
        .finally(() => {
          isReading = false
        })
    }
    const keys = new Map<number, string | null>()
    async function noticesOf(rows: readonly LoggedStory[]): Promise<ChangeNotice[]> {
      const newest = new Map(rows.map((row) => [row.task, row]))
      for (const id of newest.keys()) if (!keys.has(id)) keys.set(id, (await store.reads.taskRow(id))?.task.key ?? null)
      return [...newest.values()]
        .sort((a, b) => a.id - b.id)
        .map((row) => ({ id: row.id, task: keys.get(row.task) ?? null, kind: row.story.is }))
    }
    const unsubscribe = changes.subscribe(look)
    stream.onClose(unsubscribe)
    look()
    return reply
  })
}
