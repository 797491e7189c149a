import { execFile } from 'node:child_process'
import { sentenceOf, TransientError, UserError } from '../../core/errors.ts'

export interface GitAnswer {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface GitOptions {
  readonly input?: string
  /** Beside the hardened environment, which it cannot loosen. */
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

/**
 * Runs `git` with these arguments and answers with its exit code, whatever that is.
 * @throws {UserError} when there is no git. @throws {TransientError} when it was killed or took too long.
 */
export type Git = (args: readonly string[], options?: GitOptions) => Promise<GitAnswer>

const TIMEOUT_MS = 60_000
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024

/**
 * No configuration but a repository's own is read, nothing is asked, fetched lazily or reached but files, no object is
 * replaced by another, and messages are in English, because some are told apart by their text.
 */
const HARDENED = {
  HOME: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ALLOW_PROTOCOL: 'file',
  GIT_NO_LAZY_FETCH: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_OPTIONAL_LOCKS: '0',
  LC_ALL: 'C',
  TZ: 'UTC',
}

/** No hook is run by what we do ourselves, whoever put it there; those of the repository are for pushes. */
const OVERRIDES = ['-c', 'core.hooksPath=/dev/null']

/** @param env the process' environment, of which git gets PATH alone. */
export const createGit =
  (env: Readonly<Record<string, string | undefined>>): Git =>
  (args, options = {}) =>
    new Promise((resolve, reject) => {
      const child = execFile(
        'git',
        [...OVERRIDES, ...args],
        {
          // Arguments name the repository; the process' own folder may be gone, or lie in somebody's repository.
          cwd: '/',
          env: { ...options.env, ...HARDENED, PATH: env.PATH || '/usr/bin:/bin' },
          maxBuffer: OUTPUT_BYTES_MAX,
          timeout: options.timeoutMs ?? TIMEOUT_MS,
          killSignal: 'SIGKILL',
        },
        (error, out, err) => {
          if (!error || typeof error.code === 'number') resolve({ code: Number(error?.code ?? 0), out, err })
          else if (String(error.code) === 'ENOENT') {
            reject(
              new UserError('The program "git" was not found: install Git 2.38 or newer and put it into the PATH.'),
            )
          } else {
            const verb = args.find((arg) => /^[a-z][a-z-]+$/.test(arg)) ?? ''
            reject(new TransientError(`git ${verb} did not end by itself (${sentenceOf(error)}).`, { cause: error }))
          }
        },
      )
      // A program that does not read its input says why by its exit code.
      child.stdin?.on('error', () => {})
      child.stdin?.end(options.input ?? '')
    })

/** Why git failed, for a sentence of ours: its first complaint (advice follows it), or its last word. */
export const complaint = ({ err, code }: GitAnswer): string => {
  const lines = err.trim().split('\n')
  const said = lines.find((line) => /^(fatal|error): /.test(line)) ?? lines.at(-1) ?? ''
  return said.replace(/^(fatal|error): /, '').replace(/\.$/, '') || `exit code ${code}`
}

/** Runs git and returns its output without the last line end. @throws {Error} when it fails. */
export const gitOutput = async (git: Git, args: readonly string[], options?: GitOptions): Promise<string> => {
  const answer = await git(args, options)
  if (answer.code !== 0) throw new Error(`git ${args.join(' ')}: ${complaint(answer)}`)
  return answer.out.replace(/\n$/, '')
}
