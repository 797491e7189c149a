import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { isAlive, readProc, readProcess } from '../../../src/adapters/process/identity.ts'
import { createWorld, listen, until } from './support.ts'

describe('the identity of a process', () => {
  it('tells this very process, and that it lives', async () => {
    await using world = createWorld()
    const self = world.processes.self()
    assert.equal(self.pid, process.pid)
    assert.match(self.bootId, /^[0-9a-f-]{36}$/)
    assert.match(self.startTime ?? '', /^\d+$/)
    assert.equal(world.processes.isAlive(self), true)
  })

  it('is not taken over by another process with the same number, nor by another boot', async () => {
    await using world = createWorld()
    const self = world.processes.self()
    assert.equal(world.processes.isAlive({ ...self, startTime: '1' }), false)
    assert.equal(world.processes.isAlive({ ...self, startTime: null }), false)
    assert.equal(world.processes.isAlive({ ...self, bootId: 'another' }), false)
    for (const pid of [0, -1]) assert.equal(world.processes.isAlive({ ...self, pid, startTime: null }), false)
  })

  it('stays readable when the program ends at once, and is dead when only its exit code is left', async () => {
    await using world = createWorld()
    const quick = world.sh('', { argv: ['true'] })
    assert.match(quick.identity.startTime ?? '', /^\d+$/)
    await quick.result
    assert.equal(world.processes.isAlive(quick.identity), false)

    const { onLine, lines } = listen()
    // The parent never asks for its child's exit code: the shell that knew of it has become another program.
    const script = 'sh -c "while ! [ -e go ]; do sleep 0.01; done" & echo $!; exec sleep 60'
    const parent = world.sh(script, { onLine })
    const program = () => readFileSync(`/proc/${parent.identity.pid}/comm`, 'latin1').trim()
    await until('the child has begun', () => lines.length === 1 && program() === 'sleep')
    const pid = Number(lines[0])
    const startTime = readProcess(pid)?.startTime ?? null
    assert.notEqual(startTime, null)
    writeFileSync(join(world.dir, 'go'), '')
    await until('it is dead', () => !world.processes.isAlive({ ...parent.identity, pid, startTime }))
    assert.equal(readProcess(pid)?.hasEnded, true)
    parent.stop('shutdown')
    await parent.result
  })

  it('is not taken for dead where it merely cannot be looked at', () => {
    assert.equal(readProc('/proc/0/stat'), null)
    assert.throws(() => readProc('/proc/self/task'), /EISDIR/)
  })

  it('goes by the number alone where the system tells no more', () => {
    const at = (pid: number) => isAlive('unknown', { bootId: 'unknown', pid, startTime: null })
    assert.deepEqual([at(process.pid), at(0), at(-1), at(2 ** 30)], [true, false, false, false])
  })
})
