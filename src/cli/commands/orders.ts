/** `orch task …`: making tasks, and the orders that people give. */
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { sentenceOf, UserError } from '#core/errors.ts'
import { checkTitle } from '#core/naming.ts'
import type { MeView, TaskDetail, TaskSummary } from '#core/view.ts'
import { WORK_STAGES } from '#core/words.ts'
import type { Client } from '../client.ts'
import { UsageError } from '../exit.ts'
import { plain } from '../text.ts'
import { situation } from '../words.ts'
import { type CommandContext, type ServerFlags, taskPath, type Visit, visit, withServer } from './context.ts'
import { wholeNumber } from './tasks.ts'

interface AgentFlags extends ServerFlags {
  readonly model?: string
  readonly effort?: string
  readonly fallback?: string
}

interface CreateFlags extends AgentFlags {
  readonly title: string
  readonly description?: string
  readonly descriptionFile?: string
  readonly project?: string
  readonly priority?: number
}

export function addOrders(task: Command, context: CommandContext): void {
  withAgent(withServer(task.command('create').description('make a work item and move it to To Analyse')))
    .requiredOption('--title <text>', 'what is to be done, on one line')
    .addOption(new Option('--description <text>', 'the rest of what is to be done').conflicts('descriptionFile'))
    .option('--description-file <file>', 'take the description from a file, - for standard input')
    .option('--project <id>', 'may be left out where there is only one')
    .option('--priority <n>', 'from 0 (none) to 4 (urgent)', wholeNumber(0, 4))
    .action(async (flags: CreateFlags) => {
      const title = checkTitle(flags.title)
      const description = flags.description ?? (await descriptionFrom(flags.descriptionFile, context))
      const { client, paper, now } = visit(context, flags)
      const project = flags.project ?? (await onlyProject(client))
      const { priority } = flags
      const made = await client.post<TaskSummary>('/api/tasks', {
        project,
        title,
        description,
        ...(priority === undefined ? {} : { priority }),
        ...(isSet(agentOf(flags)) ? { agent: agentOf(flags) } : {}),
      })
      paper.line({ text: `Created ${made.key}  ${made.title}`, style: 'bold' })
      tellState({ paper, now }, made)
    })

  withServer(
    task.command('approve <key>').description('approve what a task shows: its analysis, or what it is held for'),
  ).action(async (key: string, flags: ServerFlags) => {
    const { client, paper, now } = visit(context, flags)
    const shown = await client.get<TaskDetail>(taskPath(key))
    if (!shown.actions.includes('approve'))
      throw new UserError(
        `${plain(shown.key)} asks for no approval now; \`orch explain ${plain(shown.key)}\` says what it waits for.`,
      )
    const after = await client.post<TaskSummary>(
      `${taskPath(key)}/approve`,
      shown.subject === null ? {} : { subject: shown.subject },
    )
    paper.line({ text: `Approved ${shown.key}  ${shown.title}`, style: 'bold' })
    const what = shown.hold === null ? `the ${shown.stage}` : `what it was held for (${shown.why ?? shown.hold})`
    paper.line(`What was approved: ${what}${shown.subject === null ? '' : `, as shown (${short(shown.subject)})`}.`)
    for (const { path } of shown.artefacts.filter(({ run }) => isOfStage(shown, run))) paper.line(path)
    tellState({ paper, now }, after)
  })

  withServer(task.command('rework <key> <why...>').description('send a task back, saying why'))
    .addOption(new Option('--to <stage>', 'the stage it goes back to').choices(WORK_STAGES))
    .action(async (key: string, why: string[], flags: ServerFlags & { to?: string }) =>
      give(key, 'rework', { why: said(why, 'why'), ...(flags.to === undefined ? {} : { to: flags.to }) }, flags),
    )

  withServer(task.command('answer <key> <text...>').description('answer what the agent asked')).action(
    async (key: string, words: string[], flags: ServerFlags) =>
      give(key, 'answer', { text: said(words, 'text') }, flags),
  )

  withAgent(
    withServer(task.command('retry <key>').description('try again what a task is held for, once more than allowed')),
    'for its next run alone',
  ).action(async (key: string, flags: AgentFlags) => give(key, 'retry', agentOf(flags), flags))

  withAgent(
    withServer(task.command('agent <key>').description('say what a task’s agents run with, from the next run on')),
    '"" takes it back',
  ).action(async (key: string, flags: AgentFlags) => {
    const wish = agentOf(flags)
    if (!isSet(wish)) throw new UsageError('say at least one of --model, --effort and --fallback')
    await give(key, 'agent', wish, flags)
  })

  for (const [order, about] of [
    ['next', 'let a waiting task in before all others of its repository'],
    ['stop', 'end a task: kill its run, save its work, clean up'],
  ] as const)
    withServer(task.command(`${order} <key>`).description(about)).action(async (key: string, flags: ServerFlags) =>
      give(key, order, {}, flags),
    )

  async function give(key: string, order: string, body: Record<string, unknown>, flags: ServerFlags): Promise<void> {
    const { client, paper, now } = visit(context, flags)
    const after = await client.post<TaskSummary>(`${taskPath(key)}/${order}`, body)
    paper.line({ text: `${after.key}  ${after.title}`, style: 'bold' })
    tellState({ paper, now }, after)
  }
}

/** @param how what holds of all three, for the help. */
const withAgent = (command: Command, how = 'for all its runs'): Command =>
  command
    .option('--model <name>', `model of its agents, ${how}`)
    .option('--effort <effort>', `how hard they think, ${how}`)
    .option('--fallback <name>', `model to go on with where the first one cannot be had, ${how}`)

const agentOf = ({ model, effort, fallback }: AgentFlags): Record<string, string> => ({
  ...(model === undefined ? {} : { model }),
  ...(effort === undefined ? {} : { effort }),
  ...(fallback === undefined ? {} : { fallback }),
})

const isSet = (wish: object): boolean => Object.keys(wish).length > 0

function tellState({ paper, now }: Pick<Visit, 'paper' | 'now'>, task: TaskSummary): void {
  paper.line(situation(task, now))
  if (task.why !== null) paper.line(`Why it waits: ${task.why}`)
}

/** A subject is made of long hashes; their beginnings are enough to compare by eye. */
const short = (subject: string): string =>
  subject
    .split(':')
    .map((part) => part.slice(0, 12))
    .join(':')

const isOfStage = ({ runs, stage }: TaskDetail, id: string): boolean =>
  runs.some((run) => run.id === id && run.stage === stage)

const said = (words: readonly string[], what: string): string => {
  const text = words.join(' ').trim()
  if (text === '') throw new UsageError(`the ${what} is empty`)
  return text
}

async function onlyProject(client: Client): Promise<string> {
  const { projects } = await client.get<MeView>('/api/me')
  const [only] = projects
  if (only !== undefined && projects.length === 1) return only.id
  throw new UserError(
    projects.length === 0
      ? 'This Orch has no project; add one to its orch.config.yaml.'
      : `Say in which project with --project: ${projects.map(({ id }) => plain(id)).join(', ')}.`,
  )
}

const DESCRIPTION_BYTES_MAX = 1024 * 1024

async function descriptionFrom(file: string | undefined, { shell }: CommandContext): Promise<string> {
  if (file === undefined) return ''
  if (file === '-') return shell.terminal.input()
  const path = resolve(shell.cwd, file)
  try {
    const { size } = await stat(path)
    if (size > DESCRIPTION_BYTES_MAX) throw new UserError(`${file} is larger than 1 MiB; a description is shorter.`)
    return await readFile(path, 'utf8')
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown
    throw new UserError(
      `The description cannot be read (${sentenceOf(thrown)}); name a text file, or - for standard input.`,
    )
  }
}
