/** Commands that work on this machine. What they do is handed in by the composition root. */
import type { Command } from 'commander'
import type { CommandContext } from './context.ts'
import { wholeNumber } from './tasks.ts'

export interface ConfigFlags {
  /** Path of the configuration as the person gave it; undefined: the nearest one upwards. */
  readonly config?: string
}

export interface ReportFlags extends ConfigFlags {
  readonly json: boolean
}

export interface DemoFlags {
  readonly repo?: string
  readonly data?: string
  readonly port?: number
  readonly json: boolean
  readonly keep: boolean
  readonly waitForApproval: boolean
}

/** Each resolves with the exit code. What it throws is told like any other error. */
export interface LocalCommands {
  up(flags: ConfigFlags): Promise<number>
  demo(flags: DemoFlags): Promise<number>
  init(flags: { readonly force: boolean }): Promise<number>
  doctor(flags: ReportFlags): Promise<number>
  configCheck(flags: ReportFlags): Promise<number>
  configSchema(): Promise<number>
  migrate(flags: ConfigFlags): Promise<number>
}

/** @param end takes the exit code of the command that was run. */
export function addLocal(
  program: Command,
  { local }: { readonly local: LocalCommands } & CommandContext,
  end: (code: number) => void,
): void {
  const withConfig = (command: Command) =>
    command.option('--config <file>', 'the nearest orch.config.yaml in this folder or above where absent')
  const withReport = (command: Command) =>
    withConfig(command).option('--json', 'print one JSON document instead of text')

  withConfig(program.command('up').description('start Orch: server and worker')).action(async (flags: ConfigFlags) =>
    end(await local.up(flags)),
  )
  program
    .command('demo')
    .description('see one task go from To Analyse to done, without any account')
    .option('--repo <folder>', 'work on a clone of this repository instead of the sample')
    .option('--data <folder>', 'keep the data of the demo here')
    .option('--port <n>', 'port of the board; any free one where absent', wholeNumber(0, 65_535))
    .option('--keep', 'go on after the task is done, until Ctrl-C', false)
    .option('--wait-for-approval', 'let me approve the analysis', false)
    .option('--json', 'print one JSON document instead of text', false)
    .action(async (flags: DemoFlags) => end(await local.demo(flags)))
  program
    .command('init')
    .description('write an orch.config.yaml for the repository of this folder')
    .option('--force', 'replace the one that is there', false)
    .action(async (flags: { force: boolean }) => end(await local.init(flags)))
  withReport(program.command('doctor').description('is this machine fit for Orch, and this configuration?')).action(
    async (flags: ConfigFlags & { json?: boolean }) => end(await local.doctor({ ...flags, json: flags.json === true })),
  )
  const config = program.command('config').description('the configuration')
  withReport(config.command('check').description('say everything that is wrong with it')).action(
    async (flags: ConfigFlags & { json?: boolean }) =>
      end(await local.configCheck({ ...flags, json: flags.json === true })),
  )
  config
    .command('schema')
    .description('print its JSON Schema, for editors')
    .action(async () => end(await local.configSchema()))
  withConfig(program.command('migrate').description('bring the database to the schema of this version')).action(
    async (flags: ConfigFlags) => end(await local.migrate(flags)),
  )
}
