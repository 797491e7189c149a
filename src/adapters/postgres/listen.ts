/** Hears what commits tell (NOTIFY on channel `orch`), and tells listeners in this process. A lost connection is opened anew. */

import pg from 'pg'
import { sentenceOf } from '#core/errors.ts'
import type { Log } from '#engine/ports/world.ts'

export interface Changes {
  subscribe(listener: () => void): () => void
  close(): Promise<void>
}

const AGAIN_MS = 1_000

export async function listen(url: string, { log, onChange }: { log: Log; onChange: () => void }): Promise<Changes> {
  const listeners = new Set<() => void>([onChange])
  const tell = () => {
    for (const listener of listeners) listener()
  }
  let closed = false
  let client: pg.Client | null = null
  let timer: NodeJS.Timeout | null = null

  const again = () => {
    if (!closed && timer === null)
      timer = setTimeout(() => {
        timer = null
        void open().catch(again)
      }, AGAIN_MS)
  }
  const open = async () => {
    const fresh = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      application_name: 'orch listen',
    })
    fresh.on('error', (error) => log.debug({ error: sentenceOf(error) }, 'the listening connection was lost'))
    fresh.on('end', again)
    fresh.on('notification', tell)
    await fresh.connect()
    await fresh.query('listen orch')
    client = fresh
    // Whatever was told while nobody listened is looked for now.
    tell()
  }
  await open()
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      closed = true
      if (timer !== null) clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}
