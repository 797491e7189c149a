import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createWorld, until } from './support.ts'

const OWNER = join(import.meta.dirname, 'owner.ts')
const EXHAUSTED = join(import.meta.dirname, 'exhausted.ts')

describe('when Orch is killed outright', () => {
  for (const sandbox of ['off', 'on'] as const) {
    it(`nothing survives that it started with sandbox ${sandbox}`, async (t) => {
      await using world = createWorld()
      const can = await world.processes.canSandbox()
      if (sandbox === 'on' && !can.can) return t.skip(can.why)
      const owner = spawn(process.execPath, [OWNER, world.dir, world.token, sandbox], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const programs = () => world.living().filter((line) => !line.includes('owner.ts'))
      await once(owner.stdout, 'data')
      await until('the stubborn two are there', () => programs().length >= 3)
      owner.kill('SIGKILL')
      await until('nothing is left', () => programs().length === 0)
      assert.deepEqual(programs(), [])
    })
  }
})

describe('when Orch has no file handle left', () => {
  for (const sandbox of ['off', 'on'] as const) {
    it(`a program with sandbox ${sandbox} is missing, and Orch goes on`, async () => {
      await using world = createWorld()
      const argv = [
        'sh',
        '-c',
        'ulimit -n 64; exec "$0" "$@"',
        process.execPath,
        EXHAUSTED,
        world.dir,
        sandbox,
      ] as const
      const { tail, code } = await world.sh('', { argv: [...argv] }).result
      assert.match(tail, /^begin\nmissing .*EMFILE/m)
      assert.equal(code, 0)
    })
  }
})
