/** The connection: pool, typed SQL, numbers as numbers, and errors sorted into what may pass and what may not. */

import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import { sentenceOf, TransientError } from '#core/errors.ts'
import type { Tables } from './schema.ts'

export type Database = Kysely<Tables>
export type Trx = Transaction<Tables>

const INT8 = 20

/** int8 as a number: ids and milliseconds stay far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
}

export function poolOf(
  url: string,
  options: { readonly max: number; readonly applicationName: string; readonly onError: (error: Error) => void },
): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max,
    types,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 10_000,
    query_timeout: 12_000,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 15_000,
    keepAlive: true,
    application_name: options.applicationName,
  })
  // Without a listener a server restart would end this process.
  pool.on('error', options.onError)
  pool.on('connect', (client) => client.on('error', options.onError))
  return pool
}

export const databaseOf = (pool: pg.Pool): Database => new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })

/** JSON as PostgreSQL takes it: no NUL, no half surrogate pairs. */
export const json = (value: unknown): string =>
  JSON.stringify(value, (_, inner) => (typeof inner === 'string' ? clean(inner) : inner))

export const clean = (text: string): string => text.replaceAll('\u0000', '\uFFFD').toWellFormed()

/**
 * Classes of SQLSTATE that may be gone on the next try: connection, resources, operator intervention, serialization,
 * deadlock, lock or statement time-out. Source: PostgreSQL documentation, appendix A.
 */
const DISK_FULL = '53100'
const PASSING = /^(08|53|57|58)|^(40001|40P01|55P03|25P03)$/

export function asTransient(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown
  const { code } = thrown as { code?: unknown }
  const isPassing =
    typeof code === 'string'
      ? PASSING.test(code) || /^E[A-Z]+$/.test(code)
      : /timeout|terminated|not queryable|Connection/i.test(thrown.message)
  if (!isPassing) return thrown
  const said = sentenceOf(thrown)
  const isFull = code === DISK_FULL || /No space left on device/.test(said)
  return new TransientError(
    isFull
      ? `The disk that the database lies on is full (${said}); make room there, and it goes on.`
      : `The database could not do it now: ${said}`,
    { cause: thrown },
  )
}
