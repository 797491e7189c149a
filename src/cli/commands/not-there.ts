/** Commands that are promised and not there yet: they say so, and do nothing. */
import type { Command } from 'commander'
import { NotThereYet } from '../exit.ts'

export function addNotThere(program: Command, task: Command): void {
  const add = (parent: Command, path: string, name: string, about: string) =>
    parent
      .command(name)
      .description(`${about} (not there yet)`)
      .argument('[anything...]')
      .allowUnknownOption()
      .helpOption(false)
      .action(() => {
        throw new NotThereYet(`\`orch ${path}\` is not there yet; nothing was done.`)
      })
  add(program, 'worker', 'worker', 'join a cluster as a further worker')
  add(program, 'freeze', 'freeze', 'let nothing into a repository')
  add(program, 'unfreeze', 'unfreeze', 'end a freeze')
  add(program, 'export', 'export', 'write all that is known of a task into a file')
  add(program, 'staging-check', 'staging-check', 'judge staging by hand')
  add(task, 'task restore', 'restore', 'bring back the work of a stopped task')
}
