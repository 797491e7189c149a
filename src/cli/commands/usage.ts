/** `orch usage`: what agents used, in sums. */
import { type Command, Option } from 'commander'
import type { UsageView } from '#core/view.ts'
import { USAGE_BY } from '#core/words.ts'
import { showUsage } from '../usage-text.ts'
import { type CommandContext, type ServerFlags, visit, withReading } from './context.ts'

interface UsageFlags extends ServerFlags {
  readonly by?: string
  readonly from?: string
  readonly to?: string
  readonly project?: string
}

export function addUsage(program: Command, context: CommandContext): void {
  withReading(program.command('usage').description('what agents used: runs, time, tokens, cost'))
    .addOption(new Option('--by <what>', 'what is summed up').choices(USAGE_BY))
    .option('--from <day>', 'first day, as 2026-01-31 (UTC); 30 days ago where absent')
    .option('--to <day>', 'last day, itself included; today where absent')
    .option('--project <id>', 'only of this project')
    .action(async (flags: UsageFlags) => {
      const query = new URLSearchParams()
      for (const name of ['by', 'from', 'to', 'project'] as const)
        if (flags[name] !== undefined) query.set(name, flags[name])
      const { client, paper, show } = visit(context, flags)
      const found = await client.get<UsageView>(`/api/usage${query.size > 0 ? `?${query}` : ''}`)
      show(found, () => showUsage(paper, found))
    })
}
