import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const LAUNCHER = fileURLToPath(new URL('../../bin/orch.mjs', import.meta.url))

/** What stands in the place of Orch: says how it was started, and ends as its first word tells. */
const STUB = `
const words: string[] = process.argv.slice(2)
const told: { words: string[]; node: string; pid: number } = { words, node: process.versions.node, pid: process.pid }
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(name, () => {
    process.stdout.write('got ' + name + '\\n')
    if (words[0] === 'wait') process.exit(7)
  })
process.stdout.write(JSON.stringify(told) + '\\n')
if (words[0] === 'exit') process.exit(Number(words[1]))
if (words[0] === 'die') { process.removeAllListeners('SIGTERM'); process.kill(process.pid, 'SIGTERM') }
if (words[0] === 'wait' || words[0] === 'die') setInterval(() => {}, 1000)
`

interface Installed {
  readonly launcher: string
  readonly root: string
}

/** A copy of the launcher with the stub beside it. @param version of the npm package "node" there, null for none. */
function install(t: TestContext, version: string | null, below = ''): Installed {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'orch-launcher-')))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const root = join(folder, below)
  for (const name of ['bin', 'src']) mkdirSync(join(root, name), { recursive: true })
  copyFileSync(LAUNCHER, join(root, 'bin/orch.mjs'))
  writeFileSync(join(root, 'src/main.ts'), STUB)
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  if (version !== null) {
    mkdirSync(join(folder, 'node_modules/node/bin'), { recursive: true })
    writeFileSync(join(folder, 'node_modules/node/package.json'), JSON.stringify({ version }))
    symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'))
  }
  return { launcher: join(root, 'bin/orch.mjs'), root }
}

/** Makes a new Node say that it is an old one, for machines that have no old one. */
const PRETEND = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.1.0'}})`

/** Really old Nodes on this machine's PATH, and always a pretended one. */
const oldNodes = (): readonly (readonly [string, ...string[]])[] => {
  const programs = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'))
  const real = [...new Set(programs.filter((program) => existsSync(program)).map((program) => realpathSync(program)))]
    .filter((program) => {
      const [major = 99, minor = 0] = spawnSync(program, ['-p', 'process.versions.node'], { encoding: 'utf8' })
        .stdout.split('.')
        .map(Number)
      return major < 24 || (major === 24 && minor < 12)
    })
    .slice(0, 1)
    .map((program) => [program] as const)
  return [[process.execPath, '--import', PRETEND], ...real]
}

const run = ([program, ...options]: readonly [string, ...string[]], { launcher }: Installed, ...words: string[]) =>
  spawnSync(program, [...options, launcher, ...words], { encoding: 'utf8', timeout: 20_000 })

const firstLine = async (child: ChildProcess): Promise<string> => {
  child.stdout?.setEncoding('utf8')
  let text = ''
  while (!text.includes('\n')) text += (await once(child.stdout as NodeJS.ReadableStream, 'data'))[0]
  return text
}

test('a Node that is new enough runs Orch itself', (t) => {
  const { stdout, status } = run([process.execPath], install(t, null), 'exit', '3', 'a b', '--json')
  assert.equal(status, 3)
  assert.deepEqual(JSON.parse(stdout).words, ['exit', '3', 'a b', '--json'])
})

for (const old of oldNodes()) {
  describe(old.length > 1 ? 'a Node that passes for an old one' : 'an old Node', () => {
    test('hands everything to a newer one, and its exit code back', (t) => {
      const { stdout, stderr, status } = run(old, install(t, '24.21.0'), 'exit', '64', 'a b', '--json')
      assert.equal(stderr, '')
      assert.equal(status, 64)
      const told = JSON.parse(stdout)
      assert.deepEqual(told.words, ['exit', '64', 'a b', '--json'])
      assert.equal(told.node, process.versions.node)
    })

    test('finds it in a folder above, and passes one that is too old', (t) => {
      assert.equal(run(old, install(t, '24.21.0', 'tools/orch'), 'exit', '5').status, 5)
      const { status, stderr } = run(old, install(t, '24.11.9'), 'exit', '5')
      assert.equal(status, 1)
      assert.match(stderr, /^Orch needs Node 24\.12 or newer and this is [0-9.]+; run `npm ci` in .*\n$/)
    })

    test('without a newer one says so in one sentence', (t) => {
      const { status, stderr, stdout } = run(old, install(t, null), 'queue')
      assert.equal(status, 1)
      assert.equal(stdout, '')
      assert.match(stderr, /^Orch needs Node 24\.12 or newer and this is [0-9.]+; run `npm ci` in [^\n]*\n$/)
    })

    test('passes signals on once and waits for what Orch makes of them', async (t) => {
      const { launcher } = install(t, '24.21.0')
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
        const [program, ...options] = old
        const child = spawn(program, [...options, launcher, 'wait'], { stdio: ['ignore', 'pipe', 'pipe'] })
        const ended = once(child, 'close')
        let rest = ''
        await firstLine(child)
        child.stdout.on('data', (text) => {
          rest += text
        })
        child.kill(signal)
        const [code] = await ended
        assert.equal(code, 7)
        assert.equal(rest, `got ${signal}\n`)
      }
    })

    test('ends by the signal that ended Orch', async (t) => {
      const { signal, status } = run(old, install(t, '24.21.0'), 'die')
      assert.equal(status, null)
      assert.equal(signal, 'SIGTERM')
    })
  })
}

test('below node_modules, where Node runs no TypeScript, one sentence says what to do', (t) => {
  const { status, stderr } = run([process.execPath], install(t, null, 'node_modules/orch'), 'queue')
  assert.equal(status, 1)
  assert.match(stderr, /^Orch lies in [^\n]*node_modules[^\n]*`npm link` there\.\n$/)
})
