/** Guesses the command by which a repository checks itself, from the files that lie in it. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

export interface GuessedCheck {
  readonly command: string
  /** What it was guessed from, to stand after "guessed from"; null where nothing was found. */
  readonly from: string | null
}

/** Finds conflict markers and stray blanks. In a task's checkout `origin/base` is the base branch, whatever its name. */
const LAST_RESORT: GuessedCheck = { command: 'git diff --check origin/base HEAD', from: null }

/** @param root a repository's work tree. */
export async function guessCheck(root: string): Promise<GuessedCheck> {
  return (
    (await fromPackageJson(root)) ??
    (await fromMakefile(root)) ??
    (await fromFile(root, 'Cargo.toml', 'cargo test')) ??
    (await fromFile(root, 'go.mod', 'go test ./...')) ??
    (await fromPython(root)) ??
    LAST_RESORT
  )
}

/** The script that `npm init` writes for "there are no tests". */
const NO_TEST = /no test specified/

async function fromPackageJson(root: string): Promise<GuessedCheck | null> {
  const text = await textOf(root, 'package.json')
  if (text === null) return null
  let script: unknown
  try {
    script = (JSON.parse(text) as { scripts?: { test?: unknown } } | null)?.scripts?.test
  } catch {
    return null
  }
  if (typeof script !== 'string' || script.trim() === '' || NO_TEST.test(script)) return null
  const from = 'the test script of package.json'
  for (const [lock, install, run] of LOCKS)
    if (await has(root, lock)) return { command: `${install} && ${run}`, from: `${from} and ${lock}` }
  return { command: 'npm test', from }
}

const LOCKS = [
  ['package-lock.json', 'npm ci', 'npm test'],
  ['npm-shrinkwrap.json', 'npm ci', 'npm test'],
  ['pnpm-lock.yaml', 'pnpm install --frozen-lockfile', 'pnpm test'],
  ['yarn.lock', 'yarn install --frozen-lockfile', 'yarn test'],
] as const

async function fromMakefile(root: string): Promise<GuessedCheck | null> {
  for (const name of ['GNUmakefile', 'makefile', 'Makefile']) {
    const text = await textOf(root, name)
    if (text === null) continue
    for (const target of ['check', 'test'])
      if (new RegExp(`^(?:[\\w-]+[ \\t]+)*${target}(?:[ \\t]+[\\w-]+)*[ \\t]*:(?!=)`, 'm').test(text))
        return { command: `make ${target}`, from: `the target ${target} of ${name}` }
  }
  return null
}

async function fromPython(root: string): Promise<GuessedCheck | null> {
  for (const name of ['pytest.ini', 'pyproject.toml', 'tox.ini', 'setup.cfg']) {
    const text = await textOf(root, name)
    if (text !== null && (name === 'pytest.ini' || name === 'pyproject.toml' || text.includes('pytest')))
      return { command: 'python3 -m pytest', from: name }
  }
  return null
}

const fromFile = async (root: string, name: string, command: string): Promise<GuessedCheck | null> =>
  (await has(root, name)) ? { command, from: name } : null

const has = async (root: string, name: string): Promise<boolean> =>
  (await stat(join(root, name)).catch(() => null))?.isFile() ?? false

const TEXT_MAX = 1024 * 1024
const textOf = async (root: string, name: string): Promise<string | null> => {
  const facts = await stat(join(root, name)).catch(() => null)
  if (!facts?.isFile() || facts.size > TEXT_MAX) return null
  return readFile(join(root, name), 'utf8').catch(() => null)
}
