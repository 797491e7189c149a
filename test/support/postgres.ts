import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { Client } from 'pg'
import { startEmbeddedPostgres } from '../../src/adapters/postgres/embedded/index.ts'

/** Whatever ends: a test's context, or `{ after }` of node:test for a whole file. */
export interface Ending {
  after(cleanUp: () => Promise<void>): void
}

/** Makes a database what a test wants to begin with; must close its connections. */
export type Template = (url: string) => Promise<void>

interface Server {
  readonly url: string
  stop(): Promise<void>
}

const startOwn = async (): Promise<Server> => {
  const folder = await mkdtemp(join(tmpdir(), 'orch-test-postgres-'))
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 3 })
  try {
    const server = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), env: process.env, log: () => {} })
    return {
      url: server.url,
      async stop() {
        await server.stop()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

// One per process: the server, and each template's database. They end with the process' last test, see below.
let server: Promise<Server> | undefined
let isOver = false
const templates = new Map<Template, Promise<string>>()

const serverUrl = async (): Promise<string> => {
  if (process.env.ORCH_TEST_DATABASE_URL) return process.env.ORCH_TEST_DATABASE_URL
  server ??= startOwn()
  return (await server).url
}

const withName = (url: string, name: string): string => {
  const named = new URL(url)
  named.pathname = `/${name}`
  return named.href
}

const command = async (sql: string): Promise<void> => {
  const client = new Client({ connectionString: await serverUrl() })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

const createDatabase = async (from?: string): Promise<string> => {
  const name = `orch_test_${randomUUID().replaceAll('-', '')}`
  await command(`create database ${name}${from === undefined ? '' : ` template ${from}`}`)
  return name
}

const dropDatabase = async (name: string): Promise<void> => {
  // A file's own clean-up may come after ours; with our server all its databases are gone.
  if (!isOver) await command(`drop database if exists ${name} with (force)`)
}

const templateDatabase = (make: Template): Promise<string> => {
  const found = templates.get(make)
  if (found) return found
  const made = createDatabase().then(async (name) => {
    await make(withName(await serverUrl(), name))
    return name
  })
  templates.set(make, made)
  return made
}

/**
 * A database that nobody else uses, dropped at the end of `t`. It lies on the server of `ORCH_TEST_DATABASE_URL` (a
 * `postgres:` address whose user may create databases), or on an embedded one that this process starts once.
 * @param options.template what it begins with; run once per process, then copied.
 */
export const testDatabase = async (t: Ending, options: { template?: Template } = {}): Promise<{ url: string }> => {
  const from = options.template && (await templateDatabase(options.template))
  const name = await createDatabase(from)
  t.after(() => dropDatabase(name))
  return { url: withName(await serverUrl(), name) }
}

// Registered while the file is loaded: later it would belong to the test that happens to run.
after(async () => {
  for (const made of templates.values()) await made.then(dropDatabase, () => {})
  const running = await server?.catch(() => undefined)
  isOver = running !== undefined
  await running?.stop()
})
