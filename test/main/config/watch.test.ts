import assert from 'node:assert/strict'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { loadConfig } from '../../../src/main/config/load.ts'
import { type Bell, needRestart, type WatchOptions, watchConfig } from '../../../src/main/config/watch.ts'
import { folderWith, small } from './support.ts'

/** A watched file, and what was told of it. Nothing is looked at by itself unless `bell` is the real one. */
function watched(t: TestContext, more: Partial<WatchOptions> = {}, bells: 'silent' | 'real' = 'silent') {
  const folder = folderWith(t, { 'orch.config.yaml': small() })
  const path = join(folder, 'orch.config.yaml')
  const told: string[] = []
  const waiting = new Set<() => void>()
  const tell = (what: string) => {
    told.push(what)
    for (const look of waiting) look()
  }
  const watch = watchConfig({
    path,
    env: {},
    current: loadConfig({ path, env: {} }),
    onChange: ({ settings }) => tell(`max ${settings.max_concurrency}`),
    onProblem: tell,
    ...(bells === 'silent' ? { bell: silent, settle: async () => {} } : {}),
    ...more,
  })
  t.after(() => watch.stop())
  return {
    path,
    told,
    watch,
    write: (text: string) => writeFileSync(path, text),
    /** Resolves when this was told. */
    hears: (what: string) =>
      new Promise<void>((done) => {
        const look = () => (told.includes(what) ? done() : undefined)
        waiting.add(look)
        look()
      }),
  }
}

const silent: Bell = () => () => {}
const withMax = (max: number | string) => small(`max_concurrency: ${max}`)

describe('a configuration that changes while Orch runs', () => {
  test('is taken up when it says something else, and only then', async (t) => {
    const { watch, write, told } = watched(t)
    await watch.look()
    write(`# only a comment\n${small()}`)
    await watch.look()
    assert.deepEqual(told, [])
    write(withMax(9))
    await watch.look()
    await watch.look()
    assert.deepEqual(told, ['max 9'])
  })

  test('but is bad changes nothing and says so once for each content, and its repair is told', async (t) => {
    const { watch, write, told } = watched(t)
    write(withMax('many'))
    await watch.look()
    await watch.look()
    assert.equal(told.length, 1)
    assert.match(told[0] ?? '', /orch\.config\.yaml:1 cannot be used: max_concurrency must be/)
    assert.match(told[0] ?? '', /goes on with the configuration it had\.$/)
    write(withMax('more'))
    await watch.look()
    assert.equal(told.length, 2)
    write(small())
    await watch.look()
    assert.deepEqual(told.slice(2), ['max 4'])
    write(`# a comment\n${small()}`)
    await watch.look()
    assert.equal(told.length, 3)
  })

  test('or goes away is told once, and its return too', async (t) => {
    const { watch, write, told, path } = watched(t)
    rmSync(path)
    await watch.look()
    await watch.look()
    assert.equal(told.length, 1)
    assert.match(told[0] ?? '', /no configuration .* goes on with the configuration it had/)
    write(withMax(5))
    await watch.look()
    assert.deepEqual(told.slice(1), ['max 5'])
  })

  test('is believed only when it stays the same for a moment: half a file is no configuration', async (t) => {
    const steps = [() => world.write('projects: []\n'), () => world.write(withMax(6)), () => {}]
    const world = watched(t, { settle: async () => steps.shift()?.() })
    world.write('')
    await world.watch.look()
    assert.deepEqual(world.told, ['max 6'])
    assert.equal(steps.length, 0)
  })

  test('again while it is being looked at is not missed', async (t) => {
    const world = watched(t, {
      onChange: ({ settings }) => {
        world.told.push(`max ${settings.max_concurrency}`)
        if (settings.max_concurrency > 7) return
        world.write(withMax(8))
        void world.watch.look()
      },
    })
    world.write(withMax(7))
    await world.watch.look()
    assert.deepEqual(world.told, ['max 7', 'max 8'])
  })

  test('after the end is nobody’s business', async (t) => {
    let listening = false
    const bell: Bell = () => {
      listening = true
      return () => {
        listening = false
      }
    }
    const { watch, write, told } = watched(t, { bell })
    assert.ok(listening)
    write(withMax(5))
    const looking = watch.look()
    watch.stop()
    assert.ok(!listening)
    await looking
    await watch.look()
    assert.deepEqual(told, [])
  })

  test('is noticed by itself, written in place or replaced by an editor', async (t) => {
    const { path, write, hears } = watched(t, {}, 'real')
    write(withMax(2))
    await hears('max 2')
    writeFileSync(`${path}.new`, withMax(3))
    renameSync(`${path}.new`, path)
    await hears('max 3')
    write(withMax(4))
    await hears('max 4')
  })
})

test('what only a new start takes up is named', (t) => {
  const folder = folderWith(t, { 'a.yaml': small(), 'b.yaml': small('server: {port: 1}\ndata_dir: x\nsandbox: off') })
  const [a, b] = ['a.yaml', 'b.yaml'].map((name) => loadConfig({ path: join(folder, name), env: {} }).settings)
  assert.ok(a && b)
  assert.deepEqual(needRestart(a, a), [])
  assert.deepEqual(needRestart(a, b), ['data_dir', 'runs_dir', 'server.port', 'sandbox'])
})
