/** `orch up`: server and worker in one process, until it is asked to end. */
import { readdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { sentenceOf, UserError } from '#core/errors.ts'
import { start } from './compose.ts'
import type { LoadedConfig } from './config/load.ts'
import { needRestart, watchConfig } from './config/watch.ts'
import { createLog } from './log.ts'

export interface UpShell {
  readonly env: NodeJS.ProcessEnv
  readonly write: (text: string) => void
  readonly interrupted: AbortSignal
}

/** The configuration may hold secrets, and so may what usually lies beside it. */
const configurationFiles = (path: string): readonly string[] => {
  const dir = dirname(path)
  const beside = readdirSync(dir).filter((name) => /^\.env(\.|$)/.test(name))
  return [path, ...beside.map((name) => join(dir, name))]
}

/** Resolves with the exit code. A changed configuration is taken up while running; a bad one keeps the last good. */
export async function up(config: LoadedConfig, { env, write, interrupted }: UpShell): Promise<number> {
  const log = createLog({ to: null, level: env.ORCH_LOG_LEVEL || 'info' })
  let current = config.settings
  const person = current.projects.flatMap(({ people }) => people)[0] ?? userInfo().username
  const running = await start({
    settings: () => current,
    env,
    log,
    person,
    withoutSandbox: 'refuse',
    warnings: config.warnings,
    hidden: configurationFiles(config.path),
  })
  const watching = watchConfig({
    path: config.path,
    env,
    current: config,
    onChange: (next) => void takeUp(next),
    onProblem: (sentence) =>
      log.warn({ problem: sentence }, 'the changed configuration is not valid; the last good one stays in force'),
  })
  /** A new project is made ready before anything may use it; what only a start takes up stays as it was. */
  async function takeUp(next: LoadedConfig): Promise<void> {
    const { data_dir, runs_dir, server, database, sandbox, max_concurrency } = current
    const fixed = { data_dir, runs_dir, server, database, sandbox, max_concurrency }
    const restart = needRestart(current, next.settings)
    try {
      const notes = await running.adopt(next.settings)
      current = { ...next.settings, ...fixed }
      running.ring()
      for (const note of notes) log.warn({ note }, 'something to know about a new project')
      log.info(
        { path: config.path, restart },
        restart.length === 0
          ? 'the changed configuration is in force'
          : 'the changed configuration is in force, but for what needs a restart',
      )
    } catch (thrown) {
      log.warn(
        { problem: sentenceOf(thrown) },
        'the changed configuration could not be taken up; the last good one stays in force',
      )
    }
  }
  write(`Orch is up at ${running.url}\nLog in to the board (once, within 15 minutes): ${running.loginUrl()}\n`)
  for (const note of [...running.warnings, ...running.notes]) write(`Note: ${note}\n`)
  try {
    const broken = await Promise.race([running.broken, aborted(interrupted)])
    if (broken !== null) throw new UserError(broken)
    return 0
  } finally {
    watching.stop()
    await running.stop()
    write('Orch has ended.\n')
  }
}

const aborted = (signal: AbortSignal): Promise<null> =>
  new Promise((resolve) => (signal.aborted ? resolve(null) : signal.addEventListener('abort', () => resolve(null))))
