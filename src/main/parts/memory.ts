/** Orch's memory: the database, embedded or not, and on it the store and the queue. */
import type { HostIdentity, Store } from '#engine/ports/store.ts'
import type { Log } from '#engine/ports/world.ts'
import { asTransient, databaseOf, poolOf } from '../../adapters/postgres/database.ts'
import { startEmbeddedPostgres } from '../../adapters/postgres/embedded/index.ts'
import { type Changes, listen } from '../../adapters/postgres/listen.ts'
import { migrate } from '../../adapters/postgres/migrate.ts'
import { createQueue, type PgBossQueue } from '../../adapters/postgres/queue.ts'
import { createStore } from '../../adapters/postgres/store.ts'
import type { Closers } from './closers.ts'

export interface Database {
  readonly url: string
  /** Resolves with a sentence when it has ended by itself; never where it is somebody else's. */
  readonly exited: Promise<string>
}

/** The database of the settings, or an embedded one in `dir`. */
export async function openDatabase(
  place: { readonly url: string | undefined; readonly dir: string },
  env: Readonly<Record<string, string | undefined>>,
  log: Log,
  closers: Closers,
): Promise<Database> {
  if (place.url !== undefined) return { url: place.url, exited: new Promise(() => {}) }
  const server = await startEmbeddedPostgres({
    dataDir: place.dir,
    env: { ...env },
    log: (message, fields = {}) => log.debug(fields, message),
  })
  closers.add(() => server.stop())
  return server
}

export interface Memory {
  readonly store: Store
  readonly queue: PgBossQueue
  /** Tells of every commit that may have changed something. */
  readonly changes: Changes
}

/** Brings the schema up to date and connects. @param onChange called after every commit that may have changed something. */
export async function openMemory(
  url: string,
  { host, heartbeatMs, onChange }: { host: HostIdentity; heartbeatMs: number; onChange: () => void },
  log: Log,
  closers: Closers,
): Promise<Memory> {
  const pool = poolOf(url, {
    max: 10,
    applicationName: `orch ${host.pid}`,
    onError: (error) => closers.isClosing() || log.warn({ error: error.message }, 'a database connection was lost'),
  })
  closers.add(() => pool.end())
  const db = databaseOf(pool)
  await migrate(db).catch((thrown: unknown) => {
    throw asTransient(thrown)
  })
  const queue = createQueue(
    url,
    { heartbeatSeconds: Math.ceil(heartbeatMs / 1000), monitorSeconds: 5 },
    { log, host: `${host.name}-${host.pid}` },
  )
  await queue.start()
  closers.add(() => queue.close())
  const changes = await listen(url, { log, onChange })
  closers.add(() => changes.close())
  return { store: createStore(db, queue), queue, changes }
}
