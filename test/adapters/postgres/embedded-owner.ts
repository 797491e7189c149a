/**
 * A process that owns an embedded PostgreSQL, for stories in which that process dies or is refused.
 * Argument: JSON `{ dataDir, binaries?, path?, write? }`. Tells on standard output, one JSON a line:
 * `{ url, pid }` or `{ refused, entries }`, and with `write` each number whose row PostgreSQL has acknowledged.
 */
import { existsSync, readdirSync } from 'node:fs'
import { Client } from 'pg'
import { startEmbeddedPostgres } from '../../../src/adapters/postgres/embedded/index.ts'

const { dataDir, binaries, path, write } = JSON.parse(process.argv[2] ?? '{}')
const tell = (fact: object) => process.stdout.write(`${JSON.stringify(fact)}\n`)

process.stdin.resume().on('end', () => process.exit()) // the test is gone

try {
  const env = path === undefined ? process.env : { PATH: path }
  const server = await startEmbeddedPostgres({ dataDir, env, log: () => {}, ...(binaries ? { binaries } : {}) })
  tell({ url: server.url, pid: process.pid })
  if (write) {
    const client = new Client({ connectionString: server.url })
    await client.connect()
    await client.query('CREATE TABLE IF NOT EXISTS written (n int PRIMARY KEY)')
    const { rows } = await client.query('SELECT coalesce(max(n), 0) AS n FROM written')
    for (let n = rows[0].n + 1; ; n++) {
      await client.query('INSERT INTO written VALUES ($1)', [n])
      tell({ written: n })
    }
  }
} catch (error) {
  tell({ refused: String(error), entries: existsSync(dataDir) ? readdirSync(dataDir) : [] })
  process.exit(1)
}
