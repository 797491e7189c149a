import { createRequire } from 'node:module'
import { locateBinaries, readyBinaries } from './binaries.ts'
import { chooseServerUser } from './choose-server-user.ts'
import { databaseIn, ensureDatabase, openDataFolder, removeLeftovers } from './data-folder.ts'
import { claimFolder } from './owner.ts'
import { waitOutPredecessor } from './predecessor.ts'
import { inWords, lastComplaint } from './sentences.ts'
import { DATABASE, ensureOwnDatabase, startServer, USER } from './server.ts'
import type { Ids } from './server-user.ts'
import { makeSocketFolder, PORT, removeSocketFolder } from './socket-folder.ts'

/** What `startEmbeddedPostgres` needs. */
export interface EmbeddedPostgresOptions {
  /** A folder for the database and nothing else; made when missing. */
  readonly dataDir: string
  /** A folder with `initdb` and `postgres` to use instead of the installed package's. */
  readonly binaries?: string
  /** The process' environment; of it the server gets PATH only. */
  readonly env: Record<string, string | undefined>
  /** Gets what PostgreSQL logs, a line a time, and what was decided at the start. */
  log(message: string, fields?: object): void
  /** Ends a start that is under way; later it means nothing. */
  readonly signal?: AbortSignal
}

/** A PostgreSQL server of our own that is ready for connections. */
export interface EmbeddedPostgres {
  /** For `pg`; the host is the folder of the server's socket. */
  readonly connection: {
    readonly host: string
    readonly port: number
    readonly user: string
    readonly database: string
  }
  /** The same as one address, for `pg` and for every program with libpq. */
  readonly url: string
  /** Ends all connections and shuts down, by force after 10 to 20 s; resolves when every process is gone. May be called again. */
  stop(): Promise<void>
  /** Resolves with one sentence when the server ends without `stop()` (which is still to be called), never otherwise. */
  readonly exited: Promise<string>
}

const start = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const { log, signal } = options
  // Nothing else of the environment may reach the server: PGDATA, LD_LIBRARY_PATH and LC_ALL would change what it does.
  const env = { PATH: options.env.PATH || '/usr/bin:/bin', TZ: 'UTC', LC_ALL: 'C', LANG: 'C' }
  const me: Ids = { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 }
  const packaged = locateBinaries({
    override: options.binaries,
    platform: `${process.platform}-${process.arch}`,
    resolve: createRequire(import.meta.url).resolve,
  })
  const folder = openDataFolder(options.dataDir, me)
  const database = databaseIn(folder)

  await using undo = new AsyncDisposableStack()
  const claim = await claimFolder(folder, signal)
  undo.defer(() => claim.release())
  await waitOutPredecessor(database, claim.predecessor, signal)
  removeLeftovers(folder)
  if (claim.predecessor?.socketFolder) removeSocketFolder(claim.predecessor.socketFolder)

  const { user, binaries } = await chooseServerUser(folder, me, await readyBinaries(packaged, folder, env), env)
  await ensureDatabase(folder, user, binaries, env, (child) => claim.note({ child }), signal)

  const socketFolder = makeSocketFolder(folder, user, options.env)
  undo.defer(() => removeSocketFolder(socketFolder))
  const onLine = (line: string) => log(line, { from: 'postgres' })
  const plan = { database, socketFolder, user, binaries, env, onLine }
  const server = await startServer(plan, (child) => claim.note({ child, socketFolder }), signal)
  undo.defer(() => server.end())
  await ensureOwnDatabase(plan)
  log('PostgreSQL is ready', { folder, socketFolder, version: binaries.major, runsAs: user.name, pid: server.pid })

  const all = undo.move()
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= all.disposeAsync()
    return stopped
  }
  const exited = new Promise<string>((resolve) => {
    void server.ended.then((how) => {
      if (stopped) return
      resolve(
        `PostgreSQL in "${database}" ended by itself (${how}; ${lastComplaint(server.said())}): start Orch again.`,
      )
    })
  })
  const query = `host=${encodeURIComponent(socketFolder)}&port=${PORT}&user=${USER}&sslmode=disable`
  return {
    connection: { host: socketFolder, port: PORT, user: USER, database: DATABASE },
    url: `postgres:///${DATABASE}?${query}`,
    stop,
    exited,
  }
}

/**
 * Starts the PostgreSQL that Orch brings along on `dataDir`, as a child that ends with this process in whatever way
 * this process ends, reached through a socket file in a folder closed to everybody else.
 * @throws {UserError} one sentence for whatever a person can put right: the folder is in use, not writable or made by
 *   another version, the disk is full, this platform has no binaries.
 */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  try {
    return await start(options)
  } catch (error) {
    throw inWords(error, options.dataDir)
  }
}
