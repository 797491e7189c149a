/** One server for all seeds, one template, and a database of its own for each seed. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres } from '../../../src/adapters/postgres/embedded/index.ts'
import { prepareSimDatabase } from './postgres-store.ts'

export interface SimServer {
  database(): Promise<{ url: string; drop(): Promise<void> }>
  stop(): Promise<void>
}

export async function startSimServer(): Promise<SimServer> {
  const folder = await mkdtemp(join(tmpdir(), 'orch-sim-'))
  const server = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), env: process.env, log() {} })
  const named = (name: string) => {
    const url = new URL(server.url)
    url.pathname = `/${name}`
    return url.href
  }
  const admin = new pg.Client({ connectionString: server.url })
  await admin.connect()
  await admin.query('create database sim_template')
  await prepareSimDatabase(named('sim_template'))
  let made = 0
  return {
    async database() {
      made += 1
      const name = `sim_${made}`
      await admin.query(`create database ${name} template sim_template`)
      return { url: named(name), drop: async () => void (await admin.query(`drop database ${name} with (force)`)) }
    },
    async stop() {
      await admin.end()
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
