import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createProcesses } from '../../src/adapters/process/processes.ts'
import { createScriptedRuntime } from '../../src/adapters/scripted/index.ts'
import type { Prompt } from '../../src/engine/ports/runtime.ts'
import { livingWith } from '../adapters/process/support.ts'
import { type Arranged, type Behaviour, type RuntimeWorld, runtimeContract } from './runtime-contract.ts'

const PATH = process.env.PATH ?? '/usr/bin:/bin'
const OBEYS = 'the program is ours and does what it is asked'
const CLEAN = 'the program is ours and prints what it should'

/** By a word in the work item, as a person would ask for it. */
const WORDS: Readonly<Partial<Record<Behaviour['is'], string>>> = {
  ask: 'ask',
  overload: 'overload',
  hang: 'hang',
  crash: 'fail',
}
const ADDED = 'added orch-demo/ORC-7.md'
const BY_A_PROGRAM = '# ORC-7\n\nWritten by the scripted runtime: a program, not an intelligence.\n'

const arranged = (behaviour: Behaviour): Arranged => {
  const word = WORDS[behaviour.is]
  const prompt: Prompt = {
    text: 'You are the developer of task ORC-7.',
    rules: '',
    task: {
      key: 'ORC-7',
      title: 'A title',
      description: word === undefined ? '' : `scripted: developer ${word}`,
      folder: 'docs/tasks/ORC-7/',
    },
    artefact: null,
    notes: [],
  }
  const question = 'The work item says that I must ask. What is the answer?'
  return { prompt, text: ADDED, question, file: { path: 'orch-demo/ORC-7.md', content: BY_A_PROGRAM } }
}

const worldOf = (t: TestContext): RuntimeWorld => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'orch-scripted-')))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  return {
    runtime: createScriptedRuntime({
      processes: createProcesses({ env: { PATH }, tmpDir: dir }),
      node: process.execPath,
      env: { PATH, LANG: 'C.UTF-8' },
    }),
    workspace(after) {
      const root = mkdtempSync(join(dir, 'space-'))
      const [checkout, home, tmp] = [after?.dir ?? join(root, 'checkout'), join(root, 'home'), join(root, 'tmp')]
      for (const folder of [checkout, home, tmp]) mkdirSync(folder, { recursive: true })
      return { dir: checkout, home, tmp, given: '0'.repeat(40), sandbox: { is: 'off' } }
    },
    arrange: arranged,
    living: () => livingWith(dir),
  }
}

runtimeContract('the scripted program', worldOf, {
  cannot: {
    chatter: OBEYS,
    stubborn: OBEYS,
    'leave-child': OBEYS,
    linger: OBEYS,
    nothing: CLEAN,
    help: CLEAN,
    flood: CLEAN,
    'broken-text': CLEAN,
    twice: CLEAN,
    'fail-at-last': CLEAN,
  },
})
