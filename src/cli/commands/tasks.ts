/** `orch task …` and `orch explain`: reading tasks. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { TaskDetail, TaskSummary } from '#core/view.ts'
import { explainTask, showTask } from '../task-text.ts'
import { duration } from '../text.ts'
import { stateOf } from '../words.ts'
import { type CommandContext, type ServerFlags, taskPath, visit, withReading } from './context.ts'

interface ListFlags extends ServerFlags {
  readonly project?: string
  readonly state?: string
  readonly limit?: number
  readonly before?: string
}

interface TaskPage {
  readonly tasks: readonly TaskSummary[]
  readonly next: string | null
}

export function addReading(task: Command, program: Command, context: CommandContext): void {
  withReading(task.command('list').description('tasks, the last changed first'))
    .option('--project <id>', 'only those of this project')
    .addOption(new Option('--state <state>', 'only those that are open, or all').choices(['open', 'all']))
    .option('--limit <n>', 'at most this many', wholeNumber(1, 500))
    .option('--before <cursor>', 'the page after the one that named this cursor')
    .action(async (flags: ListFlags) => {
      const query = new URLSearchParams()
      for (const name of ['project', 'state', 'limit', 'before'] as const)
        if (flags[name] !== undefined) query.set(name, String(flags[name]))
      const { client, paper, now, show } = visit(context, flags)
      const page = await client.get<TaskPage>(`/api/tasks${query.size > 0 ? `?${query}` : ''}`)
      show(page, () => {
        paper.table(
          [
            { title: 'TASK' },
            { title: 'STAGE' },
            { title: 'STATE' },
            { title: 'SINCE', align: 'right' },
            { title: 'TITLE', least: 12 },
            { title: 'WHY IT WAITS', least: 12 },
          ],
          page.tasks.map((one) => [
            { text: one.key, style: 'bold' },
            one.stage,
            stateOf(one),
            duration(now - one.since),
            one.title,
            one.why ?? '',
          ]),
          'There is no task; `orch task create --title …` makes one.',
        )
        if (page.next !== null) paper.line({ text: `There are more: add --before ${page.next}`, style: 'dim' })
      })
    })

  withReading(task.command('show <key>').description('one task: stages, runs, gates, artefacts, timeline')).action(
    async (key: string, flags: ServerFlags) => {
      const { client, paper, now, show } = visit(context, flags)
      const found = await client.get<TaskDetail>(taskPath(key))
      show(found, () => showTask(paper, found, now))
    },
  )

  withReading(
    program.command('explain <key>').description('why a task is where it is: gates, waits, budgets, runs'),
  ).action(async (key: string, flags: ServerFlags) => {
    const { client, paper, now, show } = visit(context, flags)
    const { gates, why, budgets, runs, ...rest } = await client.get<TaskDetail>(taskPath(key))
    const { stage, phase, since, hold, actions, stopping, title } = rest
    show({ key: rest.key, title, stage, phase, since, why, hold, stopping, actions, gates, budgets, runs }, () =>
      explainTask(paper, { ...rest, gates, why, budgets, runs }, now),
    )
  })
}

/** A parser of commander's for whole numbers. */
export const wholeNumber = (min: number, max: number) => (text: string) => {
  const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= min && value <= max))
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
  return value
}
