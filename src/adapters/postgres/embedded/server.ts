import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { sentenceOf } from '../../../core/errors.ts'
import type { Binaries } from './binaries.ts'
import { type GuardedProcess, livingOf, startGuarded } from './guarded-process.ts'
import { lockedBy } from './predecessor.ts'
import { type Living, servesFolder } from './process-life.ts'
import { HELD_BACK, startFailure } from './sentences.ts'
import type { ServerUser } from './server-user.ts'
import { PORT } from './socket-folder.ts'
import { until } from './wait.ts'

const RECOVERY_MS = 60_000
const HELD_BACK_MS = 10_000
const CONNECT_MS = 5_000
const RETRY_MS = 100

export const USER = 'postgres'
export const DATABASE = 'orch'

const settingsFor = (socketFolder: string): Record<string, string | number> => ({
  listen_addresses: '',
  unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"`, // a list, hence the quotes
  unix_socket_permissions: '0700',
  port: PORT,
  max_connections: 60,
  shared_buffers: '32MB',
  max_wal_size: '256MB', // bounds what a start after a crash has to repeat
  // In files of the data folder: /dev/shm is 64 MB in a container, and systemd empties it when a user logs out.
  dynamic_shared_memory_type: 'mmap',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_line_prefix: '',
  log_checkpoints: 'off',
  log_min_messages: 'log', // not each refused statement: who sent it is told, and their values may be private
})

/** What it takes to start the server on a database. */
export interface ServerPlan {
  readonly database: string
  readonly socketFolder: string
  readonly user: ServerUser
  readonly binaries: Binaries
  readonly env: Record<string, string>
  readonly onLine: (line: string) => void
}

/**
 * PostgreSQL refuses to start while the process that its lock file names is alive, unless that is its parent or
 * grandparent. After a crash the number may belong to anybody by now, to a thread of ours or to our shell: then we call
 * that process its grandparent. A server that does work in the folder is never called so, and the file is left alone.
 */
const grandparentFor = (database: string): number => {
  const locker = lockedBy(database)
  return locker === undefined || servesFolder(locker, database) ? process.pid : locker
}

const launch = (plan: ServerPlan): GuardedProcess => {
  const settings = Object.entries(settingsFor(plan.socketFolder)).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const env = { ...plan.env, PG_GRANDPARENT_PID: String(grandparentFor(plan.database)) }
  const command = [join(plan.binaries.folder, 'postgres'), '-D', plan.database, ...settings]
  return startGuarded(command, plan.user, env, plan.onLine)
}

const connectTo = async <Result>(socketFolder: string, use: (client: Client) => Promise<Result>): Promise<Result> => {
  const client = new Client({
    host: socketFolder,
    port: PORT,
    user: USER,
    database: 'postgres',
    ssl: false,
    connectionTimeoutMillis: CONNECT_MS,
  })
  client.on('error', () => {}) // the rejected query tells
  try {
    await client.connect()
    return await use(client)
  } finally {
    await client.end().catch(() => {})
  }
}

const answers = async ({ socketFolder, database }: ServerPlan): Promise<boolean> => {
  try {
    return await connectTo(socketFolder, async () => true)
  } catch (error) {
    const { code = '', message } = error as Error & { code?: string }
    // Five characters with a digit are PostgreSQL's answer, and 57P03 means "starting up". All else: not listening yet.
    if (!/^(?=.*\d)[0-9A-Z]{5}$/.test(code) || code === '57P03') return false
    throw startFailure(`FATAL: ${message}`, database)
  }
}

/**
 * Starts the server and waits until it answers; a start after a crash may take a minute of recovery. One that is held
 * back by the last processes of a dead server is tried again for 10 s.
 * @throws {UserError} with PostgreSQL's own reason when it cannot be started.
 */
export const startServer = async (
  plan: ServerPlan,
  onLaunch: (child: Living) => void,
  signal: AbortSignal | undefined,
): Promise<GuardedProcess> => {
  const patience = AbortSignal.timeout(HELD_BACK_MS)
  for (;;) {
    const server = launch(plan)
    let outcome: string | undefined
    void server.ended.then((how) => {
      outcome = how
    })
    try {
      onLaunch(livingOf(server))
      const isSettled = async () => outcome !== undefined || (await answers(plan))
      if ((await until(isSettled, RECOVERY_MS, signal)) && outcome === undefined) return server
    } catch (error) {
      await server.end()
      throw error
    }
    const said = server.said() || `FATAL: ${outcome ?? 'it did not answer within a minute'}`
    await server.end()
    if (patience.aborted || !HELD_BACK.test(said)) throw startFailure(said, plan.database)
    await pause(RETRY_MS, undefined, signal ? { signal } : {})
  }
}

/**
 * Makes Orch's own database on the server where it is missing.
 * @throws {UserError} when PostgreSQL refuses, as on a full disk.
 */
export const ensureOwnDatabase = async ({ socketFolder, database }: ServerPlan): Promise<void> => {
  try {
    await connectTo(socketFolder, async (client) => {
      const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE])
      if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`)
    })
  } catch (error) {
    throw startFailure(`FATAL: ${sentenceOf(error)}`, database)
  }
}
