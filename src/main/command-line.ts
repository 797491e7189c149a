/** The commands that work on this machine, and the door to all others. */

import { resolve } from 'node:path'
import { UserError } from '#core/errors.ts'
import { databaseOf, poolOf } from '../adapters/postgres/database.ts'
import { migrate } from '../adapters/postgres/migrate.ts'
import type { LocalCommands } from '../cli/commands/local.ts'
import { runCli } from '../cli/run.ts'
import { shellOf } from '../cli/shell.ts'
import { readHouses } from './agent-rules.ts'
import { initConfig } from './config/init.ts'
import { configJsonSchema } from './config/json-schema.ts'
import { type LoadedConfig, loadConfig } from './config/load.ts'
import { dataDirOf, findConfig } from './config/locate.ts'
import { demo } from './demo/demo.ts'
import { diagnose } from './doctor.ts'
import { onInterrupt } from './interrupt.ts'
import { up } from './up.ts'
import { VERSION } from './version.ts'

/** Runs what stands behind `orch`; resolves with the exit code. */
export async function runCommandLine(argv: readonly string[], process: NodeJS.Process): Promise<number> {
  const shell = shellOf(process)
  const locate = (config: string | undefined): string | null => {
    const path = config === undefined ? findConfig(shell.cwd) : resolve(shell.cwd, config)
    return path === null ? null : dataDirOf(path, shell.env)
  }
  return runCli(argv.slice(2), { version: VERSION, shell, locate, local: localCommands(process, shell) })
}

function localCommands(process: NodeJS.Process, shell: ReturnType<typeof shellOf>): LocalCommands {
  const { env } = process
  const { out, err, colour } = shell.terminal
  const load = (config: string | undefined): LoadedConfig => {
    const path = config === undefined ? findConfig(shell.cwd) : resolve(shell.cwd, config)
    if (path === null)
      throw new UserError(
        'There is no orch.config.yaml in this folder or above it; write one with `orch init`, or name one with --config.',
      )
    return loadConfig({ path, env })
  }
  const interruptible = async (work: (interrupted: AbortSignal) => Promise<number>): Promise<number> => {
    const interruption = onInterrupt(process, (sentence) => err(`${sentence}\n`))
    try {
      return await work(interruption.signal)
    } finally {
      interruption.release()
    }
  }
  return {
    up: ({ config }) => interruptible((interrupted) => up(load(config), { env, write: out, interrupted })),

    demo: (flags) =>
      interruptible((interrupted) =>
        demo(flags, { cwd: shell.cwd, env, write: out, colour, now: shell.now, uuid: shell.uuid, interrupted }),
      ),

    async init({ force }) {
      const { path, notes } = await initConfig({ dir: shell.cwd, env, force })
      out(`Wrote ${path}.\n${notes.map((note) => `${note}\n`).join('')}Next: \`orch doctor\`, then \`orch up\`.\n`)
      return 0
    },

    async doctor({ config, json }) {
      const findings = await diagnose(
        attempt(() => {
          const loaded = load(config)
          readHouses(loaded.settings)
          return loaded
        }),
        env,
      )
      if (json) out(`${JSON.stringify({ findings })}\n`)
      else
        for (const { name, ok, sentence } of findings) out(`${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(14)} ${sentence}\n`)
      return findings.every(({ ok }) => ok) ? 0 : 1
    },

    async configCheck({ config, json }) {
      const { settings, path, warnings } = load(config)
      readHouses(settings)
      if (json) out(`${JSON.stringify({ path, warnings, settings: withoutSecrets(settings) })}\n`)
      else out(`${path} is valid.\n${warnings.map((warning) => `Note: ${warning}\n`).join('')}`)
      return 0
    },

    async configSchema() {
      out(configJsonSchema())
      return 0
    },

    async migrate({ config }) {
      const { url } = load(config).settings.database
      if (url === undefined)
        throw new UserError(
          'The embedded database is migrated by `orch up` itself; `orch migrate` is for an external one (database.url).',
        )
      const pool = poolOf(url, { max: 2, applicationName: 'orch migrate', onError: () => {} })
      try {
        const applied = await migrate(databaseOf(pool))
        out(applied.length === 0 ? 'The database is up to date.\n' : `Applied: ${applied.join(', ')}.\n`)
        return 0
      } finally {
        await pool.end()
      }
    },
  }
}

/** A database's address carries its password; nobody reads that off a terminal. */
const withoutSecrets = (settings: LoadedConfig['settings']): object =>
  settings.database.url === undefined ? settings : { ...settings, database: { url: '(set)' } }

function attempt(load: () => LoadedConfig): LoadedConfig | { problem: string } {
  try {
    return load()
  } catch (thrown) {
    if (thrown instanceof UserError) return { problem: thrown.message }
    throw thrown
  }
}
