import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Remote } from '../../src/engine/ports/forge.ts'
import type { Ending } from '../support/postgres.ts'

const run = promisify(execFile)

const IDENTITY = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
  LC_ALL: 'C',
}

/** Runs git as a developer would; resolves with what it printed, rejects with git's own words. */
export const git = async (dir: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const { stdout } = await run('git', ['-C', dir, ...args], {
    env: { PATH: process.env.PATH, HOME: dir, ...IDENTITY, ...env },
  })
  return stdout.trim()
}

export const temporaryFolder = async (t: Ending): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'orch-test-'))
  t.after(() => rm(dir, { recursive: true, force: true, maxRetries: 3 }))
  return dir
}

/** A repository with one commit that holds `files`, as somebody has it on their machine. Returns its folder. */
export const repositoryWith = async (t: Ending, files: Readonly<Record<string, string>>, branch = 'main') => {
  const dir = await temporaryFolder(t)
  await git(dir, ['init', '--quiet', `--initial-branch=${branch}`])
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), text)
  }
  await git(dir, ['add', '--all'])
  await git(dir, ['commit', '--quiet', '-m', 'First'])
  return dir
}

/** A developer's clone of a remote. */
export interface Checkout {
  readonly dir: string
  git(...args: string[]): Promise<string>
  /** Commits `files` on a branch (cut from `from` where it is new here) and pushes it. Returns the commit. */
  push(branch: string, files: Readonly<Record<string, string>>, from?: string): Promise<string>
  /** The commit a branch of the remote has now. */
  remoteTip(branch: string): Promise<string>
}

export const checkOut = async (t: Ending, { url, env }: Remote): Promise<Checkout> => {
  const dir = await temporaryFolder(t)
  const here = (...args: string[]) => git(dir, args, env)
  await here('clone', '--quiet', '--', url, '.')
  return {
    dir,
    git: here,
    async push(branch, files, from) {
      await here('switch', '--quiet', ...(from === undefined ? [branch] : ['--no-track', '-C', branch, from]))
      for (const [path, text] of Object.entries(files)) await writeFile(join(dir, path), text)
      await here('add', '--all')
      await here('commit', '--quiet', '-m', `Work on ${branch}`)
      await here('push', '--quiet', 'origin', `+HEAD:refs/heads/${branch}`)
      return here('rev-parse', 'HEAD')
    },
    async remoteTip(branch) {
      await here('fetch', '--quiet', 'origin', `+refs/heads/${branch}:refs/remotes/origin/${branch}`)
      return here('rev-parse', `refs/remotes/origin/${branch}`)
    },
  }
}
