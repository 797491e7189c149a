/** What the tests of the configuration share. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { parseConfig } from '../../../src/main/config/load.ts'
import { ConfigError } from '../../../src/main/config/problems.ts'

/** An empty folder with these files, removed at the test's end. */
export function folderWith(t: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'orch-config-')))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** Settings of a smallest good file, `more` lines put before its projects. */
export const small = (more = ''): string =>
  `${more}\nprojects:\n  - id: shop\n    repo: shop\n    check: make test\n    people: [ada]\n`

export const parse = (text: string, env: Record<string, string> = {}) =>
  parseConfig(text, { path: '/srv/shop/orch.config.yaml', env })

/** The problems of a configuration that must be bad, each with its place. */
export function problemsIn(text: string, env: Record<string, string> = {}): readonly string[] {
  try {
    parse(text, env)
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.problems
    throw thrown
  }
  throw new Error(`this was taken for a good configuration:\n${text}`)
}

/** What git needs of the environment, and a person with a name. */
export const personEnv = (home: string): Record<string, string> => {
  writeFileSync(
    join(home, '.gitconfig'),
    '[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n',
  )
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: home, GIT_CONFIG_NOSYSTEM: '1' }
}

export interface Repository {
  readonly root: string
  readonly env: Record<string, string>
  git(...args: readonly string[]): string
}

/** A Git repository `name` on `main`, with these files in its one commit. */
export function repositoryWith(t: TestContext, name: string, files: Readonly<Record<string, string>> = {}): Repository {
  const home = folderWith(t)
  const env = personEnv(home)
  const root = join(home, name)
  mkdirSync(root)
  const git = (...args: readonly string[]) =>
    execFileSync('git', args, { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  git('init', '--quiet')
  git('add', '--all')
  git('commit', '--quiet', '--allow-empty', '-m', 'first')
  return { root, env, git }
}
