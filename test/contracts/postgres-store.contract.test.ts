import { after } from 'node:test'
import { databaseOf, poolOf } from '../../src/adapters/postgres/database.ts'
import { migrate } from '../../src/adapters/postgres/migrate.ts'
import { createQueue } from '../../src/adapters/postgres/queue.ts'
import { createStore } from '../../src/adapters/postgres/store.ts'
import { testDatabase } from '../support/postgres.ts'
import { storeContract } from './store-contract.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

const prepared = async (url: string): Promise<void> => {
  const pool = poolOf(url, { max: 2, applicationName: 'prepare', onError() {} })
  await migrate(databaseOf(pool))
  const queue = createQueue(url, { heartbeatSeconds: 10, monitorSeconds: 5 }, { log: silent, host: 'prepare' })
  await queue.start()
  await queue.close()
  await pool.end()
}

storeContract('PostgreSQL', async () => {
  const { url } = await testDatabase({ after: (end) => void after(end) }, { template: prepared })
  const pool = poolOf(url, { max: 4, applicationName: 'test', onError() {} })
  const queue = createQueue(url, { heartbeatSeconds: 10, monitorSeconds: 5 }, { log: silent, host: 'test' })
  return { store: createStore(databaseOf(pool), queue), close: () => pool.end() }
})
