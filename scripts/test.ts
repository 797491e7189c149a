/**
 * Runs tests with one PostgreSQL for all of them: `node scripts/test.ts [--concurrency N] <glob>…`. Each test gets a
 * database of its own from it. Ends with Node's own report and its exit code.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../src/adapters/postgres/embedded/index.ts'

const globs = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'orch-tests-'))
const server = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), env: process.env, log() {} })
try {
  process.exitCode = await run(server.url)
} finally {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
}

function run(url: string): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [
        '--test',
        '--test-concurrency=2',
        '--test-reporter=dot',
        '--test-reporter-destination=stdout',
        '--test-reporter=./scripts/closing-line.ts',
        '--test-reporter-destination=stdout',
        ...globs,
      ],
      {
        stdio: 'inherit',
        env: { ...process.env, ORCH_TEST_DATABASE_URL: url },
      },
    )
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => child.kill(name))
    child.on('exit', (code) => resolve(code ?? 1))
  })
}
