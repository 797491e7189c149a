/** From the words of a command line to an exit code. */
import { type Command, CommanderError } from 'commander'
import { sentenceOf, TransientError, UserError } from '#core/errors.ts'
import type { LocalCommands } from './commands/local.ts'
import { EXIT, NotThereYet, UsageError } from './exit.ts'
import { buildProgram } from './program.ts'
import type { Locate } from './server.ts'
import type { Shell } from './shell.ts'
import { plain } from './text.ts'

export interface CliDeps {
  readonly version: string
  readonly shell: Shell
  readonly local: LocalCommands
  readonly locate: Locate
}

/**
 * Runs one command. Never throws: an error is one sentence on the terminal, its stack only with ORCH_DEBUG=1.
 * @param words what stands behind `orch`. @returns the exit code, see EXIT.
 */
export async function runCli(words: readonly string[], deps: CliDeps): Promise<number> {
  const { terminal, env } = deps.shell
  let code: number = EXIT.ok
  const program = buildProgram({
    ...deps,
    end: (given) => {
      code = given
    },
  })
  try {
    await program.parseAsync(words, { from: 'user' })
    return code
  } catch (thrown) {
    const { text, exit } = told(thrown, commandOf(program, words))
    if (text !== null) terminal.err(`${text}\n`)
    if (env.ORCH_DEBUG === '1' && thrown instanceof Error && exit !== EXIT.ok) terminal.err(`${thrown.stack}\n`)
    return exit
  }
}

function told(thrown: unknown, command: string): { text: string | null; exit: number } {
  if (thrown instanceof CommanderError) {
    // Help and version were printed already; help that nobody asked for stands for a command that is missing.
    if (thrown.exitCode === 0) return { text: null, exit: EXIT.ok }
    if (thrown.code === 'commander.help') return { text: null, exit: EXIT.usage }
    return { text: usage(thrown.message.replace(/^error: /, ''), command), exit: EXIT.usage }
  }
  if (thrown instanceof UsageError) return { text: usage(thrown.message, command), exit: EXIT.usage }
  if (thrown instanceof NotThereYet) return { text: thrown.message, exit: EXIT.notThere }
  if (thrown instanceof UserError || thrown instanceof TransientError)
    return {
      text: thrown.message
        .split('\n')
        .map((line) => plain(line, 2000))
        .join('\n'),
      exit: EXIT.failed,
    }
  const what = plain(sentenceOf(thrown), 500).replace(/\.$/, '')
  return {
    text: `Orch has a bug here: ${what}. Please report it with what ORCH_DEBUG=1 shows.`,
    exit: EXIT.failed,
  }
}

const usage = (what: string, command: string): string =>
  `${plain(what, 500).replace(/[.;]$/, '')}; see \`${command} --help\`.`

/** `orch task list`: the innermost command that the words name. */
function commandOf(program: Command, words: readonly string[]): string {
  const names = [program.name()]
  let command = program
  for (const word of words) {
    const inner = command.commands.find((one) => one.name() === word)
    if (inner === undefined) break
    names.push(word)
    command = inner
  }
  return names.join(' ')
}
