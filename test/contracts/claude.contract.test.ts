import type { TestContext } from 'node:test'
import { type Act, createFakeWorld, print } from '../adapters/claude/fake.ts'
import { sandboxReason } from '../adapters/process/support.ts'
import { type Behaviour, type RuntimeWorld, runtimeContract } from './runtime-contract.ts'

const HELP = 'Usage: claude [options] [command] [prompt]\n\nStarts an interactive session by default.\n'

/** The stand-in's part in each of them. */
const actsOf = (behaviour: Behaviour): readonly Act[] => {
  const begin: Act = { is: 'begin' }
  const here: Act = { is: 'say', text: 'I am at work.' }
  switch (behaviour.is) {
    case 'complete':
      return [begin, { is: 'write', ...behaviour.file }, here, { is: 'result', text: behaviour.text }]
    case 'ask':
      return [begin, { is: 'ask', question: behaviour.question, text: behaviour.text }]
    case 'overload':
      return [begin, { is: 'trouble', error: 'overloaded', more: { api_error_status: 529, result: 'API Error: 529' } }]
    case 'hang':
      return [begin, here, { is: 'wait-for-input' }]
    case 'chatter':
      return [begin, here, { is: 'chatter' }]
    case 'stubborn':
      return [begin, { is: 'stubborn' }, here]
    case 'leave-child':
      return [begin, { is: 'daemon' }, { is: 'result', text: behaviour.text }]
    case 'linger':
      return [begin, { is: 'result', text: behaviour.text }, { is: 'linger' }]
    case 'crash':
      return [begin, { is: 'complain', text: 'Segmentation fault\n' }, { is: 'exit', code: 139 }]
    case 'nothing':
      return [{ is: 'exit', code: 0 }]
    case 'help':
      return [print(HELP), { is: 'exit', code: 0 }]
    case 'flood':
      return [
        { is: 'flood', bytes: behaviour.bytes },
        { is: 'exit', code: 0 },
      ]
    case 'broken-text':
      return [begin, print(Buffer.of(0xff, 0xc3, 0x28, 0x0a, 0xe2, 0x82, 0x0a)), { is: 'result', text: behaviour.text }]
    case 'twice':
      return [begin, { is: 'result', text: behaviour.first }, { is: 'result', text: behaviour.text }]
    case 'fail-at-last':
      return [begin, { is: 'result', text: behaviour.text }, { is: 'exit', code: 1 }]
  }
}

const worldOf = (t: TestContext, sandbox: 'on' | 'off'): RuntimeWorld => {
  const world = createFakeWorld()
  t.after(() => world[Symbol.asyncDispose]())
  const { prompt } = world.spec(world.workspace())
  return {
    runtime: world.runtime,
    workspace: (after) => world.workspace(sandbox, after),
    arrange(behaviour) {
      world.plan(actsOf(behaviour))
      return { prompt }
    },
    living: world.living,
    broken: (how) => world.broken(how),
  }
}

const noSandbox = await sandboxReason()
runtimeContract('the claude CLI, played', (t) => worldOf(t, 'off'))
if (noSandbox === null)
  runtimeContract('the claude CLI, played, in a sandbox', (t) => worldOf(t, 'on'), { floodBytes: 100_000_000 })
