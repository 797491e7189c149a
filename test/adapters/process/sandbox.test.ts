import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import type { Duplex } from 'node:stream'
import { describe, it } from 'node:test'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { findTools, sandboxed } from '../../../src/adapters/process/sandbox.ts'
import type { ProcessSpec, Sandbox } from '../../../src/engine/ports/processes.ts'
import { brief, createWorld, listen, PATH, until, type World } from './support.ts'

const probe = createWorld()
const answer = await probe.processes.canSandbox()
await probe[Symbol.asyncDispose]()
const options = answer.can ? {} : { skip: answer.why }

/** `data` is hidden; in it, `work` may be written and `shared` be read. */
const isolate = (world: World): Sandbox & { is: 'on' } => {
  for (const name of ['data/work', 'data/shared', 'data/secret', 'beside'])
    mkdirSync(join(world.dir, name), { recursive: true })
  writeFileSync(join(world.dir, 'data/shared/text'), 'shared')
  writeFileSync(join(world.dir, 'data/secret/key'), 'secret')
  const data = join(world.dir, 'data')
  return {
    is: 'on',
    writable: [join(data, 'work')],
    hidden: [data, join(data, 'secret')],
    readable: [join(data, 'shared')],
  }
}
const inside = (world: World, script: string, more: Partial<ProcessSpec> = {}) =>
  world.sh(script, { sandbox: isolate(world), cwd: join(world.dir, 'data/work'), ...more })
/** What a script prints in a sandbox. */
const print = async (world: World, script: string, more: Partial<ProcessSpec> = {}): Promise<string> =>
  (await inside(world, script, more).result).tail.trim()

describe('a sandbox', options, () => {
  it('lets a program write where it may, and nowhere else', async () => {
    await using world = createWorld()
    const tail = await print(
      world,
      `for dir in . ../shared .. ${join(world.dir, 'beside')} / /usr /etc /run "$HOME"; do (: > "$dir/new") 2>/dev/null && echo "$dir"; done`,
      { env: { PATH, HOME: process.env.HOME ?? '/root' } },
    )
    assert.equal(tail, '.')
    assert.ok(existsSync(join(world.dir, 'data/work/new')))
  })

  it('shows hidden folders empty but for what was named in them', async () => {
    await using world = createWorld()
    assert.equal(
      await print(world, 'ls ..; cat ../shared/text; cat ../secret/key 2>/dev/null || echo hidden'),
      'shared\nwork\nsharedhidden',
    )
  })

  it('shows a hidden file as one with nothing in it, and lets nobody write it', async () => {
    await using world = createWorld()
    const sandbox = isolate(world)
    const file = join(world.dir, 'data/shared/text')
    // What is not there inside anyway needs no hiding.
    writeFileSync(join(world.dir, 'beside/key'), 'secret')
    const hidden = [...sandbox.hidden, file, join(world.dir, 'beside/key')]
    const script = `cat ../shared/text 2>/dev/null; (echo x > ../shared/text) 2>/dev/null; ls ../shared`
    assert.equal(await print(world, script, { sandbox: { ...sandbox, hidden } }), 'text')
    assert.equal(readFileSync(file, 'utf8'), 'shared')
  })

  it('takes folder names as they are: blanks, quotes, percent signs, symbolic links', async () => {
    await using world = createWorld()
    const odd = join(world.dir, `a b'"%s\\040$(x)`)
    mkdirSync(join(odd, 'w'), { recursive: true })
    writeFileSync(join(odd, 'seen'), '')
    symlinkSync(odd, join(world.dir, 'link'))
    const sandbox: Sandbox = {
      is: 'on',
      writable: [join(world.dir, 'link', 'w')],
      hidden: [join(world.dir, 'link')],
      readable: [],
    }
    const { tail } = await world.sh('ls "$PWD/.."; echo > mine; echo > ../theirs', { sandbox, cwd: join(odd, 'w') })
      .result
    assert.match(tail, /^w\n.*(Read-only|read-only)/s)
    assert.deepEqual(readdirSync(odd).toSorted(), ['seen', 'w'])
    assert.deepEqual(readdirSync(join(odd, 'w')), ['mine'])
  })

  it('has temporary folders, devices and terminals of its own', async () => {
    await using world = createWorld()
    writeFileSync(join(world.dir, 'beside-me'), '')
    const script = `echo x > /tmp/x && echo y > /dev/shm/y && echo z > /dev/null && head -c 2 /dev/zero | wc -c && ls /dev/fd/0 && ls -d /dev/[shv]d* 2>/dev/null; ls /run`
    assert.equal(await print(world, script), '2\n/dev/fd/0')
    assert.equal(existsSync('/tmp/x'), false)
  })

  it('sees only its own processes', async () => {
    await using world = createWorld()
    assert.match(await print(world, 'ls -d /proc/[0-9]* | wc -l'), /^[2-5]$/)
    assert.equal(await print(world, `kill -0 ${process.pid} 2>/dev/null || echo gone`), 'gone')
  })

  it('has no way out to the network, and a loopback of its own', async () => {
    await using world = createWorld()
    const server = createServer().listen(0, '127.0.0.1')
    await until('the server listens', () => server.listening)
    const { port } = server.address() as { port: number }
    const client = `const n=require('net');const c=n.connect(PORT,'127.0.0.1',()=>{console.log('reached');c.destroy()});c.on('error',e=>console.log(e.code))`
    const own = `const n=require('net');const s=n.createServer(c=>{c.end();s.close()}).listen(PORT,'127.0.0.1',()=>{${client}})`
    try {
      const node = process.execPath
      const sandbox = isolate(world)
      // Wherever this Node lies, also below a hidden folder.
      const seen: Sandbox = { ...sandbox, readable: [...sandbox.readable, dirname(node)] }
      const run = (code: string) =>
        print(world, '', { argv: [node, '-e', code.replaceAll('PORT', String(port))], sandbox: seen })
      assert.equal(await run(client), 'ECONNREFUSED')
      assert.equal(await run(own), 'reached')
    } finally {
      server.close()
    }
  })

  it('cannot be taken apart from inside', async () => {
    await using world = createWorld()
    const attacks = [
      'umount ../secret',
      `umount "$PWD/.."`,
      'mount -o remount,bind,rw /',
      'mount -t tmpfs tmpfs /mnt',
      'unshare --user --map-root-user --mount sh -c "umount -l $PWD/.. && cat ../secret/key"',
      'unshare --user --map-root-user --mount sh -c "umount -l /dev && ls /dev/vda /dev/sda"',
      'unshare --user --map-root-user --mount mount -o remount,bind,rw /',
      'echo owned > /proc/sys/kernel/core_pattern',
      'echo b > /proc/sysrq-trigger',
      'chown 1:1 .',
    ]
    const script = attacks.map((attack, i) => `(${attack}) >/dev/null 2>&1 && echo "${i} worked"`).join('; ')
    assert.equal(
      await print(world, `${script}; grep -E "CapEff|NoNewPrivs" /proc/self/status`),
      'CapEff:\t0000000000000000\nNoNewPrivs:\t1',
    )
  })

  it('hands the environment on exactly, and never calls the program root', async () => {
    await using world = createWorld()
    const env = { PATH, HOME: '/h', path: 'lower', odd: 'a b\nc', PWD: '/given' }
    const tail = await print(world, '', { argv: ['env', '-0'], env })
    assert.deepEqual(
      tail.split('\0').filter(Boolean).toSorted(),
      Object.entries(env)
        .map(([k, v]) => `${k}=${v}`)
        .toSorted(),
    )
    assert.notEqual(await print(world, 'id -u'), '0')
  })

  it('keeps its own channel to itself', async () => {
    await using world = createWorld()
    assert.equal(await print(world, 'for fd in 3 4 5 6 7 8 9; do [ -e /proc/self/fd/$fd ] && echo $fd; done'), '')
  })

  it('passes input, exit codes and arguments through', async () => {
    await using world = createWorld()
    const argv = ['sh', '-c', 'cat; printf "[%s]" "$@"; exit 9', 'sh', '', 'a b', '--', '$x'] as const
    const ended = await inside(world, '', { argv: [...argv], stdin: 'hello' }).result
    assert.deepEqual([ended.tail, brief(ended)], ['hello[][a b][--][$x]', { ended: 'exited', code: 9, signal: null }])
  })

  it('asks the program itself to end, not only the process around it', async () => {
    await using world = createWorld()
    const { onLine, lines, saw } = listen()
    const running = inside(world, 'trap "echo bye; exit 7" TERM; echo up; while :; do sleep 0.02; done', {
      onLine,
      graceMs: 10_000,
    })
    await saw('up')
    assert.equal(world.processes.isAlive(running.identity), true)
    running.stop('cancelled')
    assert.deepEqual(brief(await running.result), { ended: 'stopped', code: 7, signal: null })
    assert.deepEqual(lines, ['up', 'bye'])
    assert.equal(world.processes.isAlive(running.identity), false)
  })

  it('ends as a whole: stubborn ones, other sessions, and daemons that nothing gives away', async () => {
    await using world = createWorld()
    const daemon = `(setsid env -i PATH="$PATH" sh -c 'trap "" TERM HUP; while :; do sleep 1; done' "$0" >/dev/null 2>&1 &)`
    const { onLine, saw } = listen()
    const running = inside(
      world,
      `trap "" TERM; ${daemon}; sh -c 'trap "" TERM; sleep 60' "$0" & echo up; while :; do sleep 1; done`,
      { onLine },
    )
    await saw('up')
    await until('all three are there', () => world.living().length >= 3)
    running.stop('cancelled')
    assert.deepEqual(brief(await running.result), { ended: 'stopped', code: null, signal: 'SIGKILL' })
    assert.deepEqual(world.living(), [])
    assert.equal((await inside(world, `${daemon}; echo done`).result).tail, 'done\n')
    assert.deepEqual(world.living(), [])
  })

  it('stopped while it is being set up never starts the program', async () => {
    await using world = createWorld()
    const running = inside(world, 'echo > ran', { graceMs: 10_000 })
    running.stop('cancelled')
    assert.equal((await running.result).ended, 'stopped')
    assert.equal(existsSync(join(world.dir, 'data/work/ran')), false)
    assert.deepEqual(world.living(), [])
  })

  it('never starts the program when its owner is gone by then', async () => {
    await using world = createWorld()
    const tools = findTools(PATH)
    assert.ok(typeof tools !== 'string')
    const owner = { uid: process.getuid!(), gid: process.getgid!() }
    const spec = { argv: ['touch', 'ran'], cwd: join(world.dir, 'data/work'), env: { PATH } } as const
    const [program, ...args] = sandboxed(tools, owner, isolate(world), spec)
    const child = spawn(program!, args, { env: spec.env, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
    const control = child.stdio[3] as Duplex
    const [said] = (await once(control, 'data')) as [Buffer]
    assert.equal(said.toString(), 'ready\n')
    control.destroy()
    assert.deepEqual(await once(child, 'exit'), [125, null])
    assert.equal(existsSync(join(world.dir, 'data/work/ran')), false)
  })

  it('says which program or folder is missing', async () => {
    await using world = createWorld()
    const program = await inside(world, '', { argv: ['no-such-program'] }).result
    assert.deepEqual([program.ended, program.code], ['missing', null])
    assert.match(program.tail, /^no-such-program could not be started in .*: there is no program no-such-program$/)
    const folder = await inside(world, '', {
      sandbox: { is: 'on', writable: [join(world.dir, 'nowhere')], hidden: [], readable: [] },
    }).result
    assert.match(folder.tail, /ENOENT.*nowhere/)
  })
})

describe('isolation', () => {
  it('works wherever the kernel lets us have the namespaces', async (t) => {
    const flags = '--user --map-root-user --mount --pid --net --ipc --uts --fork --mount-proc mount -t sysfs sysfs /sys'
    const trial = spawnSync('unshare', flags.split(' '))
    if (trial.status !== 0) return t.skip(`unshare: ${trial.error?.message ?? trial.stderr}`)
    assert.deepEqual(answer, { can: true })
  })
})

describe('a machine that cannot isolate', () => {
  it('is told by one sentence, and its sandboxes start nothing', async () => {
    await using world = createWorld()
    const bin = join(world.dir, 'bin')
    mkdirSync(bin)
    // An unshare as it is where user namespaces are forbidden.
    writeFileSync(
      join(bin, 'unshare'),
      '#!/bin/sh\necho "unshare: unshare failed: Operation not permitted" >&2\nexit 1\n',
      { mode: 0o755 },
    )
    const processes = createProcesses({ env: { PATH: `${bin}:${PATH}` }, tmpDir: world.dir })
    const can = await processes.canSandbox()
    assert.match(
      can.can ? '' : can.why,
      /^Programs cannot be isolated on this machine \(.*Operation not permitted\).*set sandbox to off\.$/,
    )
    const file = join(world.dir, 'beside')
    const sandbox: Sandbox = { is: 'on', writable: [], hidden: [], readable: [] }
    const running = processes.start({
      argv: ['touch', file],
      cwd: '/',
      env: { PATH },
      sandbox,
      timeoutMs: 5000,
      graceMs: 0,
      tailBytes: 100,
    })
    assert.equal((await running.result).ended, 'missing')
    assert.throws(() => readFileSync(file))
  })
})
