/** Migrations run by themselves, under kysely's lock. A schema that is newer than this program is refused. */

import { sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { UserError } from '#core/errors.ts'
import type { Database } from './database.ts'
import * as spine from './migrations/0001-spine.ts'
import * as agent from './migrations/0002-agent.ts'

export const MIGRATIONS: Readonly<Record<string, Migration>> = { '0001-spine': spine, '0002-agent': agent }

/** Brings the schema up to this program. Several processes may call it at once. Throws UserError where the schema is newer. */
export async function migrate(
  db: Database,
  migrations: Readonly<Record<string, Migration>> = MIGRATIONS,
): Promise<readonly string[]> {
  await refuseNewer(db, migrations)
  await ensureSchema(db)
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableSchema: 'orch',
  })
  const { error, results } = await migrator.migrateToLatest()
  if (error) {
    await refuseNewer(db, migrations)
    throw error
  }
  return (results ?? []).filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName)
}

/** `create schema if not exists` is not safe against a second process doing the same; an advisory lock makes it so. */
async function ensureSchema(db: Database): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(7000)`.execute(trx)
    await sql`create schema if not exists orch`.execute(trx)
  })
}

async function refuseNewer(db: Database, migrations: Readonly<Record<string, Migration>>): Promise<void> {
  const { rows } = await sql<{
    exists: boolean
  }>`select to_regclass('orch.kysely_migration') is not null as exists`.execute(db)
  if (!rows[0]?.exists) return
  const applied = await sql<{ name: string }>`select name from orch.kysely_migration order by name`.execute(db)
  const unknown = applied.rows.map(({ name }) => name).filter((name) => !(name in migrations))
  if (unknown.length > 0)
    throw new UserError(
      `The database was made by a newer Orch (it knows ${unknown.join(', ')}, this program does not); start the newer program again, or restore a backup from before.`,
    )
}
