/** Takes up a changed configuration while Orch runs; a bad one changes nothing and is told once. */
import { createHash } from 'node:crypto'
import { watch } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { sentenceOf, UserError } from '#core/errors.ts'
import type { Env } from './environment.ts'
import { type LoadedConfig, parseConfig } from './load.ts'
import type { ResolvedSettings } from './paths.ts'
import { readConfigFile } from './read-file.ts'

/** Calls `look` whenever the file may have changed; returns what ends that. False alarms cost one read. */
export type Bell = (path: string, look: () => void) => () => void

export interface WatchOptions {
  readonly path: string
  readonly env: Env
  /** What Orch runs with; what says the same again is no change. */
  readonly current: LoadedConfig
  /** The file says something else, and that is good. */
  readonly onChange: (config: LoadedConfig) => void
  /** The file cannot be used; told once for each content. Orch keeps what it has. */
  readonly onProblem: (sentence: string) => void
  readonly bell?: Bell
  /** Waits until a file that is being written is probably whole. */
  readonly settle?: () => Promise<void>
}

export interface ConfigWatch {
  /** Looks at the file now; resolves when what was found has been told. */
  look(): Promise<void>
  stop(): void
}

type Seen = { readonly text: string; readonly id: string } | { readonly problem: string; readonly id: string }

export function watchConfig(options: WatchOptions): ConfigWatch {
  const { env, onChange, onProblem, bell = fileBell, settle = settleBriefly } = options
  const path = resolve(options.path)
  let current = options.current
  let known: string | null = null
  let problemTold = false
  let stopped = false
  let looking: Promise<void> | null = null
  let again = false

  const lookOnce = async (): Promise<void> => {
    let seen = see(path)
    // Editors write in pieces, or take the file away for a moment: only what stays the same is believed.
    for (let calm = false; !calm && !stopped && seen.id !== known; ) {
      await settle()
      const next = see(path)
      calm = next.id === seen.id
      seen = next
    }
    if (stopped || seen.id === known) return
    known = seen.id
    if ('problem' in seen) return tell(seen.problem)
    const read = parse(seen.text)
    if ('problem' in read) return tell(read.problem)
    const isSame = isDeepStrictEqual(read, current)
    current = read
    // A file that was bad and says again what Orch runs with is news all the same.
    if (!isSame || problemTold) onChange(read)
    problemTold = false
  }
  const parse = (text: string): LoadedConfig | { readonly problem: string } => {
    try {
      return parseConfig(text, { path, env })
    } catch (thrown) {
      if (!(thrown instanceof UserError)) throw thrown
      return { problem: thrown.message }
    }
  }
  const tell = (sentence: string): void => {
    problemTold = true
    onProblem(`${sentence}${sentence.includes('\n') ? '\n' : ' '}Orch goes on with the configuration it had.`)
  }

  const look = (): Promise<void> => {
    again = true
    looking ??= (async () => {
      try {
        while (again && !stopped) {
          again = false
          await lookOnce()
        }
      } finally {
        looking = null
      }
    })()
    return looking
  }
  const silence = bell(path, () => {
    look().catch((thrown: unknown) => onProblem(sentenceOf(thrown)))
  })
  return {
    look,
    stop() {
      stopped = true
      silence()
    },
  }
}

function see(path: string): Seen {
  try {
    const text = readConfigFile(path)
    return { text, id: createHash('sha256').update(text).digest('hex') }
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown
    return { problem: thrown.message, id: thrown.message }
  }
}

const LOOK_EVERY_MS = 5_000
const SETTLE_MS = 150

const settleBriefly = (): Promise<void> => new Promise((done) => setTimeout(done, SETTLE_MS))

/**
 * Rings on changes in the file's folder, which also shows a file that is replaced, and every few seconds besides: some
 * file systems (network, container mounts, symlinked folders) tell nothing.
 */
const fileBell: Bell = (path, look) => {
  const name = basename(path)
  const timer = setInterval(look, LOOK_EVERY_MS)
  timer.unref()
  let folder: ReturnType<typeof watch> | undefined
  try {
    folder = watch(dirname(path), { persistent: false }, (_, changed) => {
      if (changed === null || changed === name) look()
    })
    folder.on('error', () => folder?.close())
  } catch {
    // Without it, the timer alone has to do.
  }
  return () => {
    clearInterval(timer)
    folder?.close()
  }
}

/** Changed settings that only a new start takes up, as `server.port`; for telling so. */
export function needRestart(before: ResolvedSettings, after: ResolvedSettings): readonly string[] {
  const fixed = {
    data_dir: (one: ResolvedSettings) => one.data_dir,
    runs_dir: (one) => one.runs_dir,
    'server.host': (one) => one.server.host,
    'server.port': (one) => one.server.port,
    'database.url': (one) => one.database.url,
    sandbox: (one) => one.sandbox,
    max_concurrency: (one) => one.max_concurrency,
    'agent.claude.command': (one) => one.agent.claude.command,
    'agent.claude.login': (one) => one.agent.claude.login,
    'agent.codex.command': (one) => one.agent.codex.command,
    'agent.keep_logs_days': (one) => one.agent.keep_logs_days,
    'agent.keep_logs_mib': (one) => one.agent.keep_logs_mib,
  } satisfies Record<string, (one: ResolvedSettings) => unknown>
  return Object.entries(fixed).flatMap(([name, of]) => (of(before) === of(after) ? [] : [name]))
}
