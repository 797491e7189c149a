/** `orch board`: a way into the board. */
import type { Command } from 'commander'
import { type CommandContext, type ServerFlags, visit, withServer } from './context.ts'

export function addBoard(program: Command, context: CommandContext): void {
  withServer(
    program.command('board').description('print a link that logs a browser in, once, within 15 minutes'),
  ).action(async (flags: ServerFlags) => {
    const { client, paper } = visit(context, flags)
    const { code } = await client.post<{ code: string }>('/api/login-codes', {})
    paper.line(`${client.url}/#login=${code}`)
  })
}
