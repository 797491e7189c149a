import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fetchCli } from './fetch-cli.ts'

const PROGRAM = 'node_modules/@anthropic-ai/claude-code-linux-x64/claude'
const NOISE = 'echo "npm warn config something" >&2'

/** A npm of ours in PATH that runs `script`, in which $to is the folder to install into. */
function place(t: TestContext, script: string) {
  const dir = mkdtempSync(join(tmpdir(), 'orch-fetch-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  mkdirSync(join(dir, 'bin'))
  program(join(dir, 'bin/npm'), `${NOISE}\necho "$@" >> ${dir}/asked\nto=$3\n${script}`)
  const env = { PATH: `${join(dir, 'bin')}:/usr/bin:/bin`, XDG_CACHE_HOME: join(dir, 'cache') }
  const cache = join(dir, 'cache/orch-test/claude-code-1.2.3')
  const options = { env, platform: 'linux', arch: 'x64', isMusl: false, version: '1.2.3' }
  return { dir, env, cache, options, asked: () => existsSync(join(dir, 'asked')) }
}
function program(path: string, body: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!/bin/sh\n${body}\n`)
  chmodSync(path, 0o755)
}
const installs = (version: string) =>
  `mkdir -p $to/${dirname(PROGRAM)} && printf '#!/bin/sh\\necho "${version} (Claude Code)"\\n' > $to/${PROGRAM} && chmod +x $to/${PROGRAM}`

test('it is fetched once, without install scripts, and taken from the cache from then on', async (t) => {
  const { options, cache, dir, asked } = place(t, installs('1.2.3'))
  const said: string[] = []
  assert.equal(await fetchCli({ ...options, say: (sentence) => said.push(sentence) }), join(cache, PROGRAM))
  assert.equal(said.length, 1)
  assert.ok(asked())
  rmSync(join(dir, 'asked'))
  assert.equal(await fetchCli(options), join(cache, PROGRAM))
  assert.ok(!asked())
  assert.deepEqual(readdirSync(dirname(cache)), ['claude-code-1.2.3'], 'no attempt is left')
})

test('a half made cache and one of another version are not taken', async (t) => {
  const { options, cache } = place(t, installs('1.2.3'))
  mkdirSync(join(cache, 'node_modules'), { recursive: true })
  writeFileSync(join(cache, 'node_modules/half'), '')
  assert.equal(await fetchCli(options), join(cache, PROGRAM))
  assert.ok(!existsSync(join(cache, 'node_modules/half')))
  program(join(cache, PROGRAM), 'echo "1.2.4 (Claude Code)"')
  await fetchCli(options)
  assert.match(readFileSync(join(cache, PROGRAM), 'utf8'), /1\.2\.3/)
})

test('two that fetch at once both get it', async (t) => {
  const { options, cache } = place(t, installs('1.2.3'))
  assert.deepEqual(await Promise.all([fetchCli(options), fetchCli(options)]), [
    join(cache, PROGRAM),
    join(cache, PROGRAM),
  ])
  assert.deepEqual(readdirSync(dirname(cache)), ['claude-code-1.2.3'])
})

test('what cannot be had is one sentence, and nothing is left behind', async (t) => {
  const cases: [string, RegExp][] = [
    ['echo "npm error 404 no such version" >&2; exit 1', /could not be fetched from npm \(.*404 no such version\)/],
    ['true', /program for linux-x64 is missing or does not run/],
    [installs('9.9.9'), /program for linux-x64 is missing or does not run/],
  ]
  for (const [script, sentence] of cases) {
    const { options, cache } = place(t, script)
    await assert.rejects(fetchCli(options), sentence)
    assert.deepEqual(readdirSync(dirname(cache)), [])
  }
  const { options, env, dir } = place(t, '')
  await assert.rejects(
    fetchCli({ ...options, env: { ...env, PATH: join(dir, 'nowhere') } }),
    /there is no npm in PATH\); set ORCH_TEST_CLAUDE/,
  )
})

test('a program of your own is used instead, if it is of that version', async (t) => {
  const { options, env, dir, asked } = place(t, 'exit 1')
  const own = join(dir, 'own')
  program(own, 'echo "1.2.3 (Claude Code)"')
  assert.equal(await fetchCli({ ...options, env: { ...env, ORCH_TEST_CLAUDE: own } }), own)
  program(own, 'echo "1.2.2 (Claude Code)"')
  await assert.rejects(fetchCli({ ...options, env: { ...env, ORCH_TEST_CLAUDE: own } }), /is no claude CLI 1\.2\.3/)
  assert.ok(!asked())
})
