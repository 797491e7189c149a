/** The command line of Orch, put together. */
import { Command } from 'commander'
import { addBoard } from './commands/board.ts'
import type { CommandContext } from './commands/context.ts'
import { addLocal, type LocalCommands } from './commands/local.ts'
import { addNotThere } from './commands/not-there.ts'
import { addOrders } from './commands/orders.ts'
import { addReading } from './commands/tasks.ts'
import { addUsage } from './commands/usage.ts'
import { addWatching } from './commands/watching.ts'

export interface ProgramDeps extends CommandContext {
  readonly version: string
  readonly local: LocalCommands
  /** Takes the exit code of a command that has one of its own. */
  readonly end: (code: number) => void
}

/** Nothing is printed for a wrong command line, and the process never ended: both are for the caller, who gets it thrown. */
export function buildProgram(deps: ProgramDeps): Command {
  const { out, err, width } = deps.shell.terminal
  const program = new Command('orch')
    .description('Carries work items from the tracker to verified production.')
    .version(deps.version)
    .exitOverride()
    .configureOutput({
      writeOut: out,
      writeErr: err,
      outputError: () => {},
      getOutHelpWidth: () => Math.min(width, 120),
      getErrHelpWidth: () => Math.min(width, 120),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showSuggestionAfterError()
  addLocal(program, deps, deps.end)
  const task = program.command('task').description('tasks: look at them, and decide over them')
  addOrders(task, deps)
  addReading(task, program, deps)
  addWatching(program, deps)
  addUsage(program, deps)
  addBoard(program, deps)
  addNotThere(program, task)
  return program
}
