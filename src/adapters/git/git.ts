/** Runs git for Orch: nothing of the machine's or a user's configuration is read, and nothing is ever asked. */
import { createHash } from 'node:crypto'
import { TransientError, UserError } from '../../core/errors.ts'
import type { Processes } from '../../engine/ports/processes.ts'
import { clearStaleLocks } from './locks.ts'

export interface GitAnswer {
  readonly code: number
  readonly out: Buffer
  /** One line. */
  readonly err: string
}

export interface GitOptions {
  readonly stdin?: string
  /** Where another program's output is read instead, as a file. */
  readonly stdinFile?: string
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

export interface Git {
  /** Whatever the exit code is. @throws {UserError} without a usable git. @throws {TransientError} when it took too long. */
  run(args: readonly string[], options?: GitOptions): Promise<GitAnswer>
  /** The output without the newline at its end; throws where the exit code is not 0. */
  text(args: readonly string[], options?: GitOptions): Promise<string>
}

/** Git said more than anybody asks for; what is asked about is far too large. */
export class TooMuchOutput extends Error {
  override readonly name = 'TooMuchOutput'
}

const LOCAL_TIMEOUT_MS = 120_000
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024
const MESSAGE_BYTES_MAX = 16 * 1024
/** `merge-tree --write-tree` came with it. */
const OLDEST = [2, 38] as const

/** Also given to git inside a workspace's isolation. Names as in git(1) and git-config(1). */
export const HARDENED = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_LITERAL_PATHSPECS: '1',
  GIT_ALLOW_PROTOCOL: 'file:http:https:ssh',
  LC_ALL: 'C',
} as const

/** Outranks a repository's own configuration. */
export const OVERRIDES = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.untrackedCache': 'false',
  'core.attributesFile': '/dev/null',
  'core.excludesFile': '/dev/null',
  'commit.gpgSign': 'false',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'submodule.recurse': 'false',
  'fetch.recurseSubmodules': 'false',
  'push.recurseSubmodules': 'no',
} as const

const overrideArgs = Object.entries(OVERRIDES).flatMap(([name, value]) => ['-c', `${name}=${value}`])

export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** What went wrong, for a person: git's own words where it is git's own trouble. */
export const failed = (args: readonly string[], answer: GitAnswer): Error => {
  const sentence = `git ${args.find((arg) => !arg.startsWith('-'))} failed with code ${answer.code}: ${answer.err}`
  const mayPass = /No space left|Cannot allocate memory|Resource temporarily unavailable|\.lock'?: File exists/
  return mayPass.test(answer.err) ? new TransientError(sentence) : new Error(sentence)
}

/**
 * `before`: when this process began, milliseconds since the epoch; a lock older than that was left by one that was killed.
 * Of `env`, git gets PATH alone.
 */
export const createGit = (
  processes: Processes,
  env: Readonly<Record<string, string | undefined>>,
  before: number,
): Git => {
  const base = { ...HARDENED, HOME: '/dev/null', ...(env.PATH === undefined ? {} : { PATH: env.PATH }) }
  let checked: Promise<void> | undefined

  const once = async (args: readonly string[], options: GitOptions): Promise<GitAnswer> => {
    const out: Uint8Array[] = []
    let bytes = 0
    let err = ''
    const command: [string, ...string[]] = ['git', ...overrideArgs, ...args]
    const result = await processes.start({
      argv: options.stdinFile === undefined ? command : ['sh', '-c', 'exec "$@" <"$0"', options.stdinFile, ...command],
      cwd: '/',
      env: { ...base, ...options.env },
      ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
      sandbox: { is: 'off' },
      timeoutMs: options.timeoutMs ?? LOCAL_TIMEOUT_MS,
      graceMs: 2000,
      tailBytes: 0,
      onBytes(chunk, stream) {
        if (stream === 'stderr') err = (err + Buffer.from(chunk).toString('utf8')).slice(-MESSAGE_BYTES_MAX)
        else {
          bytes += chunk.length
          if (bytes <= OUTPUT_BYTES_MAX) out.push(chunk)
        }
      },
    }).result
    if (result.ended === 'missing')
      throw new UserError(
        `Git could not be started (${oneLine(result.tail)}); install git ${OLDEST.join('.')} or newer.`,
      )
    if (result.ended !== 'exited' || result.code === null)
      throw new TransientError(
        `git ${args.find((arg) => !arg.startsWith('-'))} did not end in time and was stopped (${result.ended}).`,
      )
    if (bytes > OUTPUT_BYTES_MAX) throw new TooMuchOutput(`git ${args.join(' ')} printed ${bytes} bytes`)
    return { code: result.code, out: Buffer.concat(out), err: oneLine(err) }
  }

  const checkVersion = async (): Promise<void> => {
    const said = (await once(['version'], {})).out.toString('utf8').trim()
    const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(said)?.slice(1) ?? []).map(Number)
    if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
      throw new UserError(`Orch needs git ${OLDEST.join('.')} or newer and found "${said}"; install a newer git.`)
  }

  const run: Git['run'] = async (args, options = {}) => {
    checked ??= checkVersion()
    await checked
    let answer = await once(args, options)
    while (answer.code !== 0 && (await clearStaleLocks(answer.err, before))) answer = await once(args, options)
    return answer
  }

  return {
    run,
    async text(args, options) {
      const answer = await run(args, options)
      if (answer.code !== 0) throw failed(args, answer)
      return answer.out.toString('utf8').replace(/\n$/, '')
    },
  }
}

export const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
