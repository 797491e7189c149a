/** Asks Git about the repository a person stands in. Reads only. */
import { execFile } from 'node:child_process'
import { UserError } from '#core/errors.ts'
import type { Env } from './environment.ts'

export interface GitAnswer {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs git in `folder`. @throws {UserError} where there is no git, or it does not end. */
export type Git = (...args: readonly string[]) => Promise<GitAnswer>

const TIMEOUT_MS = 20_000

/**
 * The person's own configuration counts (their name, the folders they trust), but no variable that points Git at another
 * repository does, and no file monitor that this one names is started.
 */
export const gitIn =
  (folder: string, env: Env): Git =>
  (...args) =>
    new Promise((resolve, reject) => {
      const options = ['-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false']
      execFile(
        'git',
        [...options, ...args],
        {
          cwd: folder,
          env: {
            PATH: env.PATH || '/usr/local/bin:/usr/bin:/bin',
            ...(env.HOME ? { HOME: env.HOME } : {}),
            ...(env.XDG_CONFIG_HOME ? { XDG_CONFIG_HOME: env.XDG_CONFIG_HOME } : {}),
            GIT_TERMINAL_PROMPT: '0',
            GIT_OPTIONAL_LOCKS: '0',
            GIT_NO_LAZY_FETCH: '1',
            GIT_PAGER: 'cat',
            LC_ALL: 'C',
          },
          timeout: TIMEOUT_MS,
          killSignal: 'SIGKILL',
          maxBuffer: 8 * 1024 * 1024,
        },
        (error, out, err) => {
          if (!error || typeof error.code === 'number')
            resolve({ code: Number(error?.code ?? 0), out: out.trim(), err })
          else if (String(error.code) === 'ENOENT') {
            reject(
              new UserError('The program "git" was not found; install Git 2.38 or newer and put it into the PATH.'),
            )
          } else {
            reject(
              new UserError(`git ${args[0]} gave no answer in ${folder} (${error.code ?? 'killed'}); try it by hand.`),
            )
          }
        },
      )
    })
