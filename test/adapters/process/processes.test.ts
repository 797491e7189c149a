import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { brief, createWorld, listen, PATH, until } from './support.ts'

const DAEMON = `setsid sh -c 'trap "" TERM HUP INT; while :; do sleep 1; done' "$0" </dev/null >/dev/null 2>&1 &`

describe('a program', () => {
  it('ends with its own code, and its output is told line by line', async () => {
    await using world = createWorld()
    const heard: string[] = []
    const { result } = world.sh('echo out; echo err >&2; printf last; exit 3', {
      onLine: (line, stream) => heard.push(`${stream} ${line}`),
    })
    const { tail, ...ended } = await result
    assert.deepEqual(brief({ ...ended, tail }), { ended: 'exited', code: 3, signal: null })
    assert.deepEqual(heard.toSorted(), ['stderr err', 'stdout last', 'stdout out'])
    assert.deepEqual([...tail].toSorted(), [...'out\nerr\nlast'].toSorted())
  })

  it('sees the environment that it was given, our mark, and nothing else', async () => {
    await using world = createWorld()
    const { result } = world.sh('', { argv: ['env'], env: { PATH, LANG: 'C' } })
    const names = (await result).tail
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0])
    assert.deepEqual(names.toSorted(), ['LANG', 'ORCH_PROCESS', 'PATH'])
  })

  it('reads what it is given, and may as well end without reading it', async () => {
    await using world = createWorld()
    assert.equal((await world.sh('cat', { stdin: 'Grüße' }).result).tail, 'Grüße')
    assert.equal((await world.sh('exit 0', { stdin: 'x'.repeat(5_000_000) }).result).code, 0)
    assert.equal((await world.sh('cat').result).code, 0)
  })

  it('may print 50 MB without a newline in flat memory', async () => {
    await using world = createWorld()
    // What is only waiting to be collected does not count.
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const inUse = (): number => {
      collectGarbage()
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      return heapUsed + arrayBuffers
    }
    const before = inUse()
    let peak = before
    let bytes = 0
    const lines: string[] = []
    const { result } = world.sh('head -c 52428800 /dev/zero | tr "\\0" x', {
      onBytes: (chunk) => {
        const isSample = Math.floor(bytes / 5e6) !== Math.floor((bytes + chunk.length) / 5e6)
        bytes += chunk.length
        if (isSample) peak = Math.max(peak, inUse())
      },
      onLine: (line) => lines.push(line),
    })
    assert.equal((await result).tail, 'x'.repeat(4096))
    assert.equal(bytes, 52_428_800)
    assert.deepEqual(
      lines.map((line) => line.length),
      [65_536],
    )
    assert.ok(peak - before < 25_000_000, `memory grew by ${peak - before} bytes`)
  })

  it('that does not exist is missing, with a sentence that names it', async () => {
    await using world = createWorld()
    const running = world.sh('', { argv: ['no-such-program'] })
    const result = await running.result
    assert.equal(result.ended, 'missing')
    assert.match(result.tail, /^no-such-program could not be started in \/.*ENOENT/)
    assert.equal(world.processes.isAlive(running.identity), false)
    assert.equal((await world.sh('', { cwd: join(world.dir, 'nowhere') }).result).ended, 'missing')
    assert.equal((await world.sh('', { argv: ['sh', '\0'] }).result).ended, 'missing')
  })

  it('is not started at all when it was cancelled before', async () => {
    await using world = createWorld()
    const file = join(world.dir, 'ran')
    const { result } = world.sh(`: > ${file}`, { signal: AbortSignal.abort() })
    assert.equal((await result).ended, 'stopped')
    assert.throws(() => readFileSync(file))
  })
})

describe('time limits', () => {
  it('end a program that takes too long', async () => {
    await using world = createWorld()
    assert.equal((await world.sh('sleep 60', { timeoutMs: 100 }).result).ended, 'timed-out')
    assert.deepEqual(world.living(), [])
  })

  it('stay the reason, whoever else wants it stopped meanwhile', async () => {
    await using world = createWorld()
    const { onLine, saw } = listen()
    const running = world.sh('trap "echo term" TERM; while :; do sleep 0.02; done', {
      onLine,
      timeoutMs: 100,
      graceMs: 500,
    })
    await saw('term')
    running.stop('cancelled')
    assert.equal((await running.result).ended, 'timed-out')
  })

  it('may be longer than timers can be', async () => {
    await using world = createWorld()
    const limits = { timeoutMs: Number.MAX_SAFE_INTEGER, stallMs: Number.MAX_SAFE_INTEGER }
    assert.equal((await world.sh('sleep 0.05', limits).result).ended, 'exited')
  })

  it('end a program that falls silent, not one that keeps talking', async () => {
    await using world = createWorld()
    const silent = await world.sh('echo a; sleep 60', { stallMs: 200 }).result
    assert.equal(silent.ended, 'stalled')
    const talking = await world.sh('for i in 1 2 3 4 5 6; do echo $i; sleep 0.1; done', { stallMs: 500 }).result
    assert.deepEqual(brief(talking), { ended: 'exited', code: 0, signal: null })
  })
})

describe('stopping', () => {
  it('lets a program end by itself within the grace', async () => {
    await using world = createWorld()
    const { onLine, lines, saw } = listen()
    const running = world.sh('trap "echo bye; exit 7" TERM; echo up; while :; do sleep 0.02; done', {
      onLine,
      graceMs: 10_000,
    })
    await saw('up')
    running.stop('cancelled')
    running.stop('shutdown')
    assert.deepEqual(brief(await running.result), { ended: 'stopped', code: 7, signal: null })
    assert.deepEqual(lines, ['up', 'bye'])
  })

  it('kills a program that ignores the request, by abort signal as well', async () => {
    await using world = createWorld()
    const { onLine, saw } = listen()
    const abort = new AbortController()
    const running = world.sh('trap "" TERM; echo up; while :; do sleep 1; done', { onLine, signal: abort.signal })
    await saw('up')
    abort.abort()
    assert.deepEqual(brief(await running.result), { ended: 'stopped', code: null, signal: 'SIGKILL' })
    assert.deepEqual(world.living(), [])
  })

  it('reaches children in other sessions and daemons whose parents are gone', async () => {
    await using world = createWorld()
    const { onLine, saw } = listen()
    const running = world.sh(`trap "" TERM; ${DAEMON} (${DAEMON}); echo up; while :; do sleep 1; done`, { onLine })
    await saw('up')
    await until('all three are there', () => world.living().length >= 3)
    running.stop('cancelled')
    await running.result
    assert.deepEqual(world.living(), [])
  })

  it('never touches a stranger of the same user', async () => {
    await using world = createWorld()
    await using other = createWorld()
    const { onLine, saw } = listen()
    const stranger = other.sh('echo up; while :; do sleep 0.1; done', { onLine })
    await saw('up')
    await world.sh(DAEMON).result
    assert.equal(other.processes.isAlive(stranger.identity), true)
    stranger.stop('shutdown')
    await stranger.result
    assert.equal(other.processes.isAlive(stranger.identity), false)
  })
})

describe('the end of a program', () => {
  it('is the end of everything it left behind', async () => {
    await using world = createWorld()
    const { result } = world.sh(`${DAEMON} (${DAEMON}); sleep 60 & echo done`)
    const ended = await result
    assert.deepEqual(brief(ended), { ended: 'exited', code: 0, signal: null })
    assert.equal(ended.tail, 'done\n')
    assert.deepEqual(world.living(), [])
  })

  for (const [who, script] of [
    ['another session with no parent', '(setsid $LOOP &)'],
    ['no parent and no environment', '(env -i $LOOP &)'],
    ['another session and no environment', `(sh -c 'setsid env -i $LOOP & wait' "$0" &)`],
  ] as const) {
    it(`is the end of a child with ${who}`, async () => {
      await using world = createWorld()
      writeFileSync(join(world.dir, 'loop'), 'trap "" TERM HUP; echo up; while :; do sleep 1; done')
      const loop = `sh loop ${world.token}`
      const { onLine, saw } = listen()
      const running = world.sh(`${script.replace('$LOOP', loop)}; sleep 60`, { onLine, graceMs: 0 })
      await saw('up')
      running.stop('cancelled')
      await running.result
      assert.deepEqual(world.living(), [])
    })
  }

  it('does not wait for its output to end, even where a hidden daemon holds it open', async () => {
    await using world = createWorld()
    // Another session, no parent, no environment: without a sandbox nothing tells that it is ours.
    writeFileSync(join(world.dir, 'loop'), ': > there; while :; do sleep 1; done')
    const { result } = world.sh('(setsid env -i sh loop "$0" &); while ! [ -e there ]; do sleep 0.01; done; echo done')
    assert.equal((await result).tail, 'done\n')
    const hidden = world.living()
    for (const line of hidden) process.kill(Number(line.split(' ')[0]), 'SIGKILL')
    assert.equal(hidden.length, 1)
  })
})
