/** What the tests of the git adapter share: a forge that is a bare repository, a person's clone of it, and Orch's side. */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createRepositories, createWorkspaces } from '../../../src/adapters/git/index.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import type { Remote } from '../../../src/engine/ports/forge.ts'
import type { Processes } from '../../../src/engine/ports/processes.ts'
import type { Repositories, Workspace, Workspaces } from '../../../src/engine/ports/repositories.ts'

export const REPO = 'acme/shop'
export const BY = { name: 'Dev "D" Oper', email: 'dev@example.test' }

const GIT_ENV = {
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  HOME: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Person',
  GIT_AUTHOR_EMAIL: 'person@example.test',
  GIT_COMMITTER_NAME: 'Person',
  GIT_COMMITTER_EMAIL: 'person@example.test',
}

/** git as a person runs it; the output without the newline at its end. */
export const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('git', args, {
    cwd,
    env: GIT_ENV,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64e6,
  }).replace(/\n$/, '')

export interface World extends AsyncDisposable {
  readonly dir: string
  readonly remote: Remote
  readonly forge: string
  /** A person's clone; `commit` works in it. */
  readonly clone: string
  readonly processes: Processes
  readonly repositories: Repositories
  readonly workspaces: Workspaces
  /** Orch's copy. */
  readonly copy: string
  /** Writes files (null deletes), commits on `branch` (begun at the current one) and pushes it. */
  commit(files: Readonly<Record<string, string | null>>, branch?: string): string
  fetch(): Promise<string>
  /** A fresh workspace on `orch/K-1` at base. */
  workspace(more?: { sha?: string; sandbox?: 'on' | 'off'; label?: string }): Promise<Workspace>
  /** A new start of Orch on the same folders, whose process began at `startedAt`. */
  restart(startedAt: number): Repositories
}

export const write = (root: string, files: Readonly<Record<string, string | null>>): void => {
  for (const [path, text] of Object.entries(files)) {
    if (text === null) rmSync(join(root, path), { recursive: true })
    else {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
  }
}

/** A forge with one commit, and a clone of it that finds it wherever the two are copied to. Made once per test file. */
const makeTemplate = (): string => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'orch-git-template-')))
  const clone = join(dir, 'clone')
  git(dir, 'init', '-q', '--bare', '-b', 'main', 'forge.git')
  git(dir, 'clone', '-q', 'forge.git', 'clone')
  git(clone, 'remote', 'set-url', 'origin', '../forge.git')
  write(clone, { 'README.md': 'hello\n', 'src/a.txt': 'one\ntwo\nthree\n', 'docs/tasks/K-0/01.md': 'old\n' })
  git(clone, 'checkout', '-q', '-B', 'main')
  git(clone, 'add', '-A')
  git(clone, 'commit', '-q', '-m', 'first')
  git(clone, 'push', '-q', 'origin', 'main')
  return dir
}
const template = makeTemplate()
process.on('exit', () => rmSync(template, { recursive: true, force: true }))

export const createWorld = async (): Promise<World> => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'orch-git-')))
  const [forge, clone, data] = [join(dir, 'forge.git'), join(dir, 'clone'), join(dir, 'data')]
  cpSync(template, dir, { recursive: true })
  mkdirSync(join(data, 'tmp'), { recursive: true })
  const remote = { url: forge, env: {} }
  const env = { PATH: GIT_ENV.PATH }
  const processes = createProcesses({ env, tmpDir: join(data, 'tmp') })
  const repositoriesDir = join(data, 'repositories')
  const repositories = createRepositories({ processes, dir: repositoriesDir, env })
  const workspaces = createWorkspaces({
    processes,
    repositoriesDir,
    dir: join(data, 'workspaces'),
    hidden: [data],
    env,
  })

  const commit: World['commit'] = (files, branch = 'main') => {
    git(clone, 'checkout', '-q', '-B', branch)
    write(clone, files)
    git(clone, 'add', '-A')
    git(clone, 'commit', '-q', '--allow-empty', '-m', `changes ${Object.keys(files).join(' ')}`)
    git(clone, 'push', '-q', '-f', 'origin', branch)
    return git(clone, 'rev-parse', 'HEAD')
  }
  const fetch = () => repositories.fetch(REPO, remote, 'main')
  return {
    dir,
    remote,
    forge,
    clone,
    processes,
    repositories,
    workspaces,
    copy: join(repositoriesDir, 'acme%2Fshop.git'),
    commit,
    fetch,
    async workspace({ sha, sandbox = 'off', label = 'K-1' } = {}) {
      const base = await fetch()
      return workspaces.create({ repo: REPO, label, branch: 'orch/K-1', sha: sha ?? base, by: BY, sandbox })
    },
    restart: (startedAt) => createRepositories({ processes, dir: repositoriesDir, env, startedAt }),
    async [Symbol.asyncDispose]() {
      execFileSync('chmod', ['-R', 'u+rwX', dir])
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Names and contents of everything below, but for `except`; to see that nothing was touched. */
export const snapshot = (root: string, except: RegExp = /^$/): Readonly<Record<string, string>> => {
  const all: Record<string, string> = {}
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const name = path.slice(root.length + 1)
    if (entry.isFile() && !except.test(name)) all[name] = readFileSync(path, 'latin1')
  }
  return all
}

export { existsSync }
