import { type Kysely, Kysely as KyselyDatabase, PostgresDialect, sql, type Transaction } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg, { type PoolConfig } from 'pg'
import { sentenceOf, TransientError, UserError } from '../../core/errors.ts'
import { type LocalTables, MIGRATIONS, SCHEMA } from './schema.ts'

export type Db = Kysely<LocalTables>
export type Trx = Transaction<LocalTables>

/** The schema `local` behind a small connection pool of its own. Both calls migrate first, once, by themselves. */
export interface LocalDatabase {
  /** @throws {UserError} when the schema was made by a newer program. */
  migrate(): Promise<void>
  /** Single statements. @throws {TransientError} when the server is away or overloaded. */
  read<Result>(work: (db: Db) => Promise<Result>): Promise<Result>
  /** All of `work` or nothing. @throws {TransientError} likewise; then it may have been committed all the same. */
  transaction<Result>(work: (trx: Trx) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/** Where the database is, or one that is open already: that one stays its owner's to close. */
export type DatabaseSource = string | PoolConfig | LocalDatabase

const LOCK_TIMEOUT_MS = 30_000
/** Longer than any Git command of ours may take while a transaction is open; a host that hangs longer loses its locks. */
const IDLE_TIMEOUT_MS = 120_000
const CONNECT_TIMEOUT_MS = 30_000
const INT8 = 20

/**
 * Codes that say "later": PostgreSQL's classes 08 (connection), 53 (resources), 57P0x (shutting down or starting) and
 * single ones (serialization, deadlock, lock timeout, idle transaction); and the system's for a server that is away.
 */
const TRANSIENT =
  /^(08...|53...|57P0[1-4]|57P05|40001|40P01|55P03|25P03|ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/
/** The driver's own refusals carry no code. */
const TRANSIENT_TEXT = /connection (terminated|error)|timeout exceeded when trying to connect|connection ended/i

const isTransient = (error: unknown): boolean => {
  if (!(error instanceof Error) || error instanceof UserError || error instanceof TransientError) return false
  const { code = '', syscall } = error as Error & { code?: string; syscall?: string }
  // The file of the server's socket appears with the server.
  if (code === 'ENOENT') return syscall === 'connect'
  return code === '' ? TRANSIENT_TEXT.test(error.message) : TRANSIENT.test(code)
}

const inWords = (error: unknown): unknown =>
  isTransient(error)
    ? new TransientError(`The database of the local tracker and forge does not answer (${sentenceOf(error)}).`, {
        cause: error,
      })
    : error

const openPool = (config: PoolConfig): pg.Pool => {
  const types = new pg.TypeOverrides()
  types.setTypeParser(INT8, Number)
  const pool = new pg.Pool({
    max: 3,
    application_name: 'orch-local',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_TIMEOUT_MS,
    ...config,
    types,
  })
  // Without these a lost connection would end the process; the next query on it tells.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

const migrateAll = (db: Db): Promise<void> =>
  db.transaction().execute(async (trx) => {
    // The lock comes first of all, so that several processes may start at once on an empty database.
    await sql`select pg_advisory_xact_lock(hashtextextended('orch: schema local', 0))`.execute(trx)
    const migrator = new Migrator({
      db: trx,
      provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
      migrationTableSchema: SCHEMA,
    })
    const known = Object.keys(MIGRATIONS)
    const { error } = await migrator.migrateToLatest()
    const unknown = /previously executed migration (\S+) is missing/.exec(error ? sentenceOf(error) : '')?.[1]
    if (unknown !== undefined && unknown > known[known.length - 1]!) {
      throw new UserError(
        `The database's schema "${SCHEMA}" was made by a newer Orch (it has "${unknown}"): start that version again, or a later one.`,
      )
    }
    if (error) throw error
  })

const isOpen = (source: DatabaseSource): source is LocalDatabase =>
  typeof source === 'object' && 'transaction' in source

/** Opens the pool, at most three connections unless the configuration says otherwise; nothing is connected before the first call. */
export const openLocalDatabase = (source: DatabaseSource): LocalDatabase => {
  if (isOpen(source)) return { ...source, close: async () => {} }
  const pool = openPool(typeof source === 'string' ? { connectionString: source } : source)
  const plain = new KyselyDatabase<LocalTables>({ dialect: new PostgresDialect({ pool }) })
  const db = plain.withSchema(SCHEMA)
  let ready: Promise<void> | undefined
  let closed: Promise<void> | undefined

  const migrate = (): Promise<void> => {
    ready ??= migrateAll(plain).catch((error) => {
      ready = undefined
      throw inWords(error)
    })
    return ready
  }
  const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await migrate()
    return work().catch((error) => {
      throw inWords(error)
    })
  }
  return {
    migrate,
    read: (work) => guarded(() => work(db)),
    transaction: (work) => guarded(() => db.transaction().execute(work)),
    close() {
      closed ??= plain.destroy()
      return closed
    },
  }
}

/** PostgreSQL stores no NUL: it becomes the replacement character, as halves of characters do by themselves. */
export const storable = (text: string): string => text.replaceAll('\0', '\uFFFD')
