import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { ProcessSpec, Sandbox } from '../../../src/engine/ports/processes.ts'
import { brief, createWorld, listen, until, type World } from './support.ts'

/** Answers each line of its input, `bye` by ending; `term` at SIGTERM goes to its output. */
const TALKER = `trap 'echo term; exit 4' TERM
echo up
while read -r line; do
  echo "heard $line"
  [ "$line" = bye ] && exit 3
done
echo eof
while :; do sleep 0.02; done`

/** Hears everything and obeys nothing. */
const DEAF = `trap '' TERM
echo up
while read -r line; do echo "heard $line"; done
while :; do sleep 1; done`

const INTERRUPT = { text: 'bye\n', waitMs: 15_000 }

const start = (world: World, script: string, more: Partial<ProcessSpec> = {}) => {
  const heard = listen()
  return { ...heard, running: world.sh(script, { onLine: heard.onLine, keepInput: true, ...more }) }
}

describe('an input that is kept open', () => {
  it('takes more after what it was given, until it is ended', async () => {
    await using world = createWorld()
    const { running, saw, lines } = start(world, TALKER, { stdin: 'one\n' })
    await saw('heard one')
    running.write('two\n')
    await saw('heard two')
    assert.equal(lines.includes('eof'), false)
    running.endInput()
    await saw('eof')
    running.write('three\n')
    running.endInput()
    running.stop('cancelled')
    assert.deepEqual(brief(await running.result), { ended: 'stopped', code: 4, signal: null })
    assert.deepEqual(lines, ['up', 'heard one', 'heard two', 'eof', 'term'])
    running.write('four\n')
  })

  it('ends by itself where nobody asked to keep it', async () => {
    await using world = createWorld()
    const { running, saw } = start(world, TALKER, { stdin: 'one\n', keepInput: false })
    await saw('eof')
    running.write('two\n')
    running.stop('cancelled')
    await running.result
  })
})

for (const [where, sandbox] of [
  ['as it is', () => ({ is: 'off' })],
  [
    'in a sandbox',
    (world) => {
      mkdirSync(join(world.dir, 'work'), { recursive: true })
      return { is: 'on', writable: [join(world.dir, 'work')], hidden: [], readable: [world.dir] }
    },
  ],
] as const satisfies readonly (readonly [string, (world: World) => Sandbox])[]) {
  describe(`the interrupt of a program that runs ${where}`, () => {
    it('is written to its input, and no signal is needed where it obeys', async () => {
      await using world = createWorld()
      const { running, saw, lines } = start(world, TALKER, { interrupt: INTERRUPT, sandbox: sandbox(world) })
      await saw('up')
      running.stop('cancelled')
      running.stop('cancelled')
      assert.deepEqual(brief(await running.result), { ended: 'stopped', code: 3, signal: null })
      assert.deepEqual(lines, ['up', 'heard bye'])
    })

    it('is followed by SIGTERM where it does not obey in time', async () => {
      await using world = createWorld()
      const interrupt = { text: 'please\n', waitMs: 50 }
      const { running, saw, lines } = start(world, TALKER, { interrupt, sandbox: sandbox(world), graceMs: 15_000 })
      await saw('up')
      running.stop('cancelled')
      assert.deepEqual(brief(await running.result), { ended: 'stopped', code: 4, signal: null })
      assert.ok(lines.includes('heard please') && lines.includes('term'))
    })

    it('is followed by the end of everything where it obeys nothing', async () => {
      await using world = createWorld()
      const interrupt = { text: 'please\n', waitMs: 50 }
      const { running, saw } = start(world, DEAF, { interrupt, sandbox: sandbox(world), graceMs: 50 })
      await saw('up')
      running.stop('cancelled')
      assert.equal((await running.result).ended, 'stopped')
      assert.deepEqual(world.living(), [])
    })

    it('comes before the signals at the limits of time and of silence, too', async () => {
      await using world = createWorld()
      const more = { interrupt: INTERRUPT, sandbox: sandbox(world) }
      const late = start(world, TALKER, { ...more, timeoutMs: 2500 })
      const silent = start(world, TALKER, { ...more, stallMs: 2500 })
      assert.deepEqual(brief(await late.running.result), { ended: 'timed-out', code: 3, signal: null })
      assert.deepEqual(brief(await silent.running.result), { ended: 'stalled', code: 3, signal: null })
    })

    it('is not waited for where its input is closed', async () => {
      await using world = createWorld()
      const { running, saw } = start(world, TALKER, { interrupt: INTERRUPT, sandbox: sandbox(world), graceMs: 15_000 })
      await saw('up')
      running.endInput()
      await saw('eof')
      running.stop('lingering')
      const ended = await running.result
      assert.deepEqual(brief(ended), { ended: 'stopped', code: 4, signal: null })
      assert.ok(ended.ms < 10_000)
    })
  })
}

describe('an interrupt', () => {
  it('is not waited for where the program is not there yet', async () => {
    await using world = createWorld()
    const sandbox: Sandbox = { is: 'on', writable: [world.dir], hidden: [], readable: [] }
    const { running, lines } = start(world, TALKER, { interrupt: INTERRUPT, sandbox })
    running.stop('cancelled')
    const ended = await running.result
    assert.equal(ended.ended, 'stopped')
    assert.ok(ended.ms < 10_000)
    assert.equal(lines.includes('up'), false)
    await until('nothing is left', () => world.living().length === 0)
  })
})
