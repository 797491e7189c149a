/** The port's promises, kept by the real CLI. What it does is told to it by our model. */
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { findClaude } from '../../src/adapters/claude/index.ts'
import { type Behaviour, type RuntimeWorld, runtimeContract } from '../contracts/runtime-contract.ts'
import type { Conversation } from './conversation.ts'
import { type Answer, bash, calls, says } from './messages.ts'
import { PATH, promptFor, world } from './world.ts'

const PLAY = 'Play this: '
const WAIT = 'tail -f /dev/null'
const DEAF = `node -e 'for (const s of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(s, () => {}); setInterval(() => {}, 1e6)'`

/** The next step of a behaviour that the prompt names. */
function play({ told, calls: done, cwd }: Conversation): Answer {
  const named = told.join('\n').split(PLAY)[1]?.split('\n')[0]
  const behaviour = JSON.parse(named ?? '{"is":"nothing"}') as Behaviour
  switch (behaviour.is) {
    case 'complete': {
      const { path, content } = behaviour.file
      return done.length === 0 ? calls('Write', { file_path: join(cwd, path), content }) : says(behaviour.text)
    }
    case 'ask':
      return says(told.join('\n').includes('The answer is') ? behaviour.text : `QUESTION: ${behaviour.question}`)
    case 'overload':
      return { is: 'status', status: 529, message: 'Overloaded' }
    case 'hang':
      return bash(WAIT)
    case 'chatter':
      return { is: 'message', blocks: [{ is: 'text', text: 'and so on '.repeat(2_000) }], deltaMs: 100 }
    case 'stubborn':
      return bash(`setsid -f ${DEAF}; ${DEAF}`)
    case 'leave-child':
      return done.length === 0 ? bash(`setsid -f ${DEAF}`) : says(behaviour.text)
    case 'crash':
      return bash('kill -KILL $CLAUDE_PID')
    case 'broken-text':
      return done.length === 0 ? bash("printf '\\377\\303\\050\\n\\342\\202\\n'") : says(behaviour.text)
    default:
      return says(`I cannot play ${behaviour.is}.`)
  }
}

/** Processes whose home lies in the folder, in any namespace. */
const livingIn = (dir: string): readonly string[] =>
  readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return []
    try {
      const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ')
      return read('environ').includes(`HOME=${dir}/`) ? [`${pid} ${read('cmdline')}`] : []
    } catch {
      return []
    }
  })

async function contractWorld(t: TestContext, sandbox: 'on' | 'off'): Promise<RuntimeWorld> {
  const { dir, runtime, workspace, runtimeWith } = await world(t, play)
  return {
    runtime,
    workspace: (after) => workspace({ sandbox, ...(after && { after }) }),
    arrange: (behaviour) => ({ prompt: promptFor('developer', 'PLAY-1', `${PLAY}${JSON.stringify(behaviour)}`) }),
    living: () => livingIn(dir),
    broken(how) {
      const path = join(dir, 'claude')
      if (how === 'not-executable') {
        writeFileSync(path, '#!/bin/sh\n')
        chmodSync(path, 0o644)
      }
      return runtimeWith(findClaude(path, PATH, dir))
    },
  }
}

const OWN = 'only a stand-in for the CLI can be made to do so'
const options = {
  cannot: { linger: OWN, nothing: OWN, help: OWN, flood: OWN, twice: OWN, 'fail-at-last': OWN },
  startMs: 10_000,
}
runtimeContract('the claude CLI', (t) => contractWorld(t, 'on'), options)
runtimeContract('the claude CLI, not isolated', (t) => contractWorld(t, 'off'), options)
