/** The sample repository: small, real, and with one test that really fails. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const FILES: Readonly<Record<string, string>> = {
  'package.json': `${JSON.stringify({ name: 'orch-sample', version: '1.0.0', private: true, type: 'module', scripts: { test: 'node --test' } }, null, 2)}\n`,
  'README.md': '# Sample\n\nA small library with one mistake in it. `npm test` shows it.\n',
  'CHANGELOG.md': '# Changelog\n\n',
  '.gitignore': 'node_modules/\n',
  'src/slug.js': `/** The title as it stands in an address: lower case, words joined by dashes. */
export function slug(title) {
  return title
    .toLowerCase()
    .replace(' ', '-')
}
`,
  'test/slug.test.js': `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slug } from '../src/slug.js'

test('one word is its own slug', () => assert.equal(slug('Orch'), 'orch'))

test('words are joined by dashes', () => assert.equal(slug('Make it so'), 'make-it-so'))

test('signs become no dashes at the ends', () => assert.equal(slug('Ready? Go!'), 'ready-go'))
`,
}

export const SAMPLE_TITLE = 'Slugs of titles with several words are wrong'
export const SAMPLE_DESCRIPTION =
  'The slug of “Make it so” should be `make-it-so`. Two of three tests fail; see test/slug.test.js.'

/** Makes the repository in `dir` unless it is there; a half made one is never left. */
export async function ensureSample(dir: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (existsSync(join(dir, '.git'))) return
  const attempt = `${dir}.${process.pid}.tmp`
  await rm(attempt, { recursive: true, force: true })
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(attempt, path)), { recursive: true })
    await writeFile(join(attempt, path), text)
  }
  const author = {
    GIT_AUTHOR_NAME: 'Orch demo',
    GIT_AUTHOR_EMAIL: 'demo@orch.localhost',
    GIT_COMMITTER_NAME: 'Orch demo',
    GIT_COMMITTER_EMAIL: 'demo@orch.localhost',
  }
  const git = (...args: string[]) =>
    promisify(execFile)('git', ['-c', 'core.hooksPath=/dev/null', ...args], {
      cwd: attempt,
      env: { PATH: env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', LC_ALL: 'C', ...author },
    })
  await git('init', '--quiet', '--initial-branch=main')
  await git('add', '--all')
  await git('commit', '--quiet', '--message=A small library')
  await rename(attempt, dir)
}
