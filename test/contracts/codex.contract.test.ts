import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { installFake, playing } from '../adapters/codex/fake.ts'
import type { Step } from '../adapters/codex/fake-codex.ts'
import { createWorld } from '../adapters/codex/world.ts'
import { sandboxReason } from '../adapters/process/support.ts'
import { startModelServer } from '../codex/model-server.ts'
import { type Behaviour, type RuntimeWorld, runtimeContract } from './runtime-contract.ts'

const HELP = 'Usage: codex [OPTIONS] [PROMPT]\n       codex [OPTIONS] <COMMAND> [ARGS]\n'
const OVERLOADED = JSON.stringify({
  type: 'turn.failed',
  error: { message: 'unexpected status 529 <unknown status code>: x' },
})
/** What it says when it is told anything but steps. */
const TOLD = 'Done.'

const stepsOf = (behaviour: Behaviour): readonly Step[] => {
  const here: Step = { do: 'say', text: 'I am at work.' }
  const turn = (text: string): Step => ({ do: 'turn', text })
  switch (behaviour.is) {
    case 'complete': {
      const { path, content } = behaviour.file
      return [
        { do: 'thread' },
        { do: 'ask-model' },
        { do: 'write-file', path, text: content },
        here,
        turn(behaviour.text),
      ]
    }
    case 'ask':
      return [{ do: 'thread' }, turn(`I looked.\nQUESTION: ${behaviour.question}`)]
    case 'overload':
      return [{ do: 'thread' }, { do: 'print', line: OVERLOADED }, { do: 'exit', code: 1 }]
    case 'hang':
      return [{ do: 'thread' }, here, { do: 'hang' }]
    case 'chatter':
      return [{ do: 'thread' }, { do: 'chatter' }]
    case 'stubborn':
      return [{ do: 'thread' }, { do: 'ignore-signals' }, { do: 'daemon' }, here, { do: 'hang' }]
    case 'leave-child':
      return [{ do: 'thread' }, { do: 'daemon' }, turn(behaviour.text)]
    case 'linger':
      return [{ do: 'thread' }, turn(behaviour.text), { do: 'ignore-signals' }, { do: 'hang' }]
    case 'crash':
      return [{ do: 'thread' }, { do: 'stderr', line: 'Segmentation fault' }, { do: 'exit', code: 139 }]
    case 'nothing':
      return [{ do: 'exit', code: 0 }]
    case 'help':
      return [{ do: 'print', line: HELP }]
    case 'flood':
      return [{ do: 'bytes', base64: Buffer.alloc(1 << 20, 'x').toString('base64'), times: behaviour.bytes >> 20 }]
    case 'broken-text':
      return [{ do: 'thread' }, { do: 'bytes', base64: '/8MoCuKCCg==' }, turn(behaviour.text)]
    case 'twice':
      return [{ do: 'thread' }, turn(behaviour.first), turn(behaviour.text)]
    case 'fail-at-last':
      return [{ do: 'thread' }, turn(behaviour.text), { do: 'exit', code: 1 }]
  }
}

const worldOf = async (t: TestContext, sandbox: 'on' | 'off'): Promise<RuntimeWorld> => {
  const server = await startModelServer(() => ({ is: 'text', text: 'An answer.' }))
  const fakes = mkdtempSync(join(tmpdir(), 'orch-fake-codex-'))
  const world = await createWorld(installFake(join(fakes, 'bin')), server.url, 300)
  t.after(async () => {
    await world[Symbol.asyncDispose]()
    await server.close()
    rmSync(fakes, { recursive: true })
  })
  return {
    runtime: world.runtime,
    workspace: (after) => world.workspace(sandbox, {}, after),
    arrange: (behaviour) => ({
      prompt: playing(stepsOf(behaviour)),
      ...(behaviour.is === 'ask' ? { text: TOLD } : {}),
    }),
    living: world.living,
    broken(how) {
      const program = how === 'absent' ? join(fakes, 'absent') : installFake(join(fakes, 'locked'))
      if (how === 'not-executable') chmodSync(program, 0o644)
      return world.runtimeWith(program)
    },
  }
}

const noSandbox = await sandboxReason()
runtimeContract('the codex CLI, played', (t) => worldOf(t, 'off'))
if (noSandbox === null)
  runtimeContract('the codex CLI, played, in a sandbox', (t) => worldOf(t, 'on'), { floodBytes: 100_000_000 })
