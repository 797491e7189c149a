import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Client } from 'pg'
import { openLocalDatabase } from '../../../src/adapters/local/index.ts'
import { TransientError, UserError } from '../../../src/core/errors.ts'
import { type Ending, testDatabase } from '../../support/postgres.ts'
import { localDatabase, openTracker } from './world.ts'

const connect = async (t: Ending, url: string): Promise<Client> => {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  t.after(() => client.end())
  return client
}

const opened = (t: Ending, url: string) => {
  const database = openLocalDatabase(url)
  t.after(() => database.close())
  return database
}

describe('the database of the embedded tracker and forge', () => {
  test('several that start at once on an empty database all get their tables', async (t) => {
    const { url } = await testDatabase(t)
    const starting = Array.from({ length: 5 }, () => opened(t, url))
    await Promise.all(starting.map((database) => database.migrate()))
    const client = await connect(t, url)
    const { rows } = await client.query('select name from local.kysely_migration')
    assert.equal(rows.length, 1)
  })

  test('nobody has to ask for the tables: the first call makes them', async (t) => {
    const { url } = await testDatabase(t)
    const tracker = openTracker(t, url)
    await tracker.ensureProject('shop', 'SHOP')
    assert.deepEqual(await tracker.changes('shop', null), { changes: [], cursor: null })
  })

  test('tables of a newer program are refused with a sentence, and left alone', async (t) => {
    const { url } = await localDatabase(t)
    const client = await connect(t, url)
    await client.query(`insert into local.kysely_migration values ('9999-later', now()::text)`)
    await assert.rejects(
      opened(t, url).migrate(),
      (error) => error instanceof UserError && /newer Orch.*9999-later/.test(error.message),
    )
  })

  test('a server that is away is a passing trouble', async (t) => {
    const away = opened(t, 'postgres://postgres@127.0.0.1:1/orch')
    await assert.rejects(away.migrate(), TransientError)
    const socket = opened(t, 'postgres:///orch?host=/nowhere')
    await assert.rejects(socket.migrate(), TransientError)
  })

  test('what failed once is tried again by the next call', async (t) => {
    const { url } = await testDatabase(t)
    const client = await connect(t, url)
    const name = `later_${Date.now()}_${process.pid}`
    const later = new URL(url)
    later.pathname = `/${name}`
    const database = opened(t, later.href)
    await assert.rejects(database.migrate(), /does not exist/)
    await client.query(`create database ${name}`)
    try {
      await database.migrate()
    } finally {
      await client.query(`drop database ${name} with (force)`)
    }
  })

  test('waits for a lock only so long, and calls it a passing trouble', async (t) => {
    const { url } = await localDatabase(t)
    await openTracker(t, url).ensureProject('shop', 'SHOP')
    const client = await connect(t, url)
    await client.query('begin')
    await client.query('select 1 from local.projects for update')
    const impatient = openTracker(t, { connectionString: url, lock_timeout: 50 })
    const draft = { title: 'x', description: '', priority: 0, by: 'ada', requestId: 'r' }
    await assert.rejects(impatient.create('shop', draft), TransientError)
    await client.query('rollback')
    assert.equal((await impatient.create('shop', draft)).key, 'SHOP-1')
  })

  test('connections that the server drops end neither the process nor the next call', async (t) => {
    const { url } = await localDatabase(t)
    const tracker = openTracker(t, url)
    await tracker.ensureProject('shop', 'SHOP')
    const client = await connect(t, url)
    const dropAll = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'orch-local' and datname = current_database()`
    assert.ok((await client.query(dropAll)).rows.length > 0)
    // How soon the pool notices is the driver's affair; until then each call may fail once per dead connection.
    for (let tries = 0; ; tries += 1) {
      try {
        assert.deepEqual((await tracker.changes('shop', null)).changes, [])
        break
      } catch (error) {
        assert.ok(error instanceof TransientError && tries < 6, String(error))
      }
    }
  })

  test('one pool can serve both; who was handed it does not close it', async (t) => {
    const { url } = await localDatabase(t)
    const shared = openLocalDatabase(url)
    t.after(() => shared.close())
    await shared.migrate()
    await openLocalDatabase(shared).close()
    assert.equal(await shared.read(async (db) => (await db.selectFrom('projects').selectAll().execute()).length), 0)
  })
})
