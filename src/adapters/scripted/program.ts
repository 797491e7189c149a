/**
 * The program behind the runtime `scripted`, run as a process of its own in the task's workspace. It reads what it is to
 * do from stdin, edits files, and prints what it did. It knows Orch's sample repository and repairs it; in any other
 * repository the developer adds one harmless file.
 */
import { text } from 'node:stream/consumers'
import type { Role } from '#core/words.ts'
import type { Prompt } from '#engine/ports/runtime.ts'
import { directiveFor } from './directives.ts'
import type { ScriptLine } from './protocol.ts'
import { play } from './roles.ts'

const say = (line: ScriptLine): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

const { role, prompt } = JSON.parse(await text(process.stdin)) as { role: Role; prompt: Prompt }
const directive = directiveFor(role, prompt.task.description)

if (directive?.word === 'hang') {
  say({ is: 'text', text: 'hanging, as the work item says' })
  setInterval(() => {}, 1 << 30)
} else if (directive?.word === 'fail') {
  process.stderr.write('failing, as the work item says\n')
  process.exitCode = 1
} else if (directive?.word === 'overload') {
  say({ is: 'overloaded', retryAfterMs: 1000 })
} else if (directive?.word === 'ask' && prompt.notes.length === 0) {
  say({ is: 'question', text: 'The work item says that I must ask. What is the answer?' })
} else {
  const done = await play(role, prompt, {
    root: process.cwd(),
    directive,
    note: (line) => say({ is: 'text', text: line }),
  })
  say({ is: 'result', text: done })
}
