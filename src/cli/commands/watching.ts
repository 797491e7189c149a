/** `orch queue` and `orch logs`: what happens now. */
import type { Command } from 'commander'
import { UserError } from '#core/errors.ts'
import type { QueueView } from '#core/view.ts'
import { showQueue } from '../queue-text.ts'
import type { SseEvent } from '../sse.ts'
import { json, plain, plainLine } from '../text.ts'
import { type CommandContext, type ServerFlags, visit, withReading } from './context.ts'

interface LogFlags extends ServerFlags {
  readonly follow?: boolean
  readonly raw?: boolean
}

export function addWatching(program: Command, context: CommandContext): void {
  withReading(program.command('queue').description('what runs, what waits, and why')).action(
    async (flags: ServerFlags) => {
      const { client, paper, show } = visit(context, flags)
      const queue = await client.get<QueueView>('/queue')
      show(queue, () => showQueue(paper, queue))
    },
  )

  withReading(program.command('logs <run>').description('the log of a run'))
    .option('-f, --follow', 'go on until the run ends')
    .option('--raw', 'the agent’s own stream, as it gave it')
    .action(async (run: string, flags: LogFlags) => {
      const { terminal } = context.shell
      const { client } = visit(context, flags)
      const end = new AbortController()
      const lines: string[] = []
      let state: string | null = null
      const query = [...(flags.follow ? [] : ['follow=0']), ...(flags.raw ? ['raw=1'] : [])].join('&')
      const path = `/api/runs/${encodeURIComponent(run)}/log${query && `?${query}`}`
      try {
        for await (const { event, data } of unbroken(client.events(path, end.signal))) {
          if (event === 'end') {
            state = parsed<{ state?: string }>(data)?.state ?? 'ended'
            break
          }
          if (event === 'so-far') break
          if (event !== 'line') continue
          const line = parsed<string>(data) ?? data
          if (flags.json) lines.push(line)
          else terminal.out(`${plainLine(line)}\n`)
        }
      } finally {
        end.abort()
      }
      if (flags.json) terminal.out(json({ run, state, lines }))
      else if (state !== null) terminal.err(`Run ${plain(run)} has ended: ${plain(state)}.\n`)
      else terminal.err(`Run ${plain(run)} goes on; follow it with -f.\n`)
    })
}

/** A stream that ends without saying so was cut off: what was printed is not the whole log. */
async function* unbroken(events: AsyncGenerator<SseEvent>): AsyncGenerator<SseEvent> {
  try {
    yield* events
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown
  }
  throw new UserError('The connection to Orch was lost before the end of the log; run the same command again.')
}

const parsed = <T>(text: string): T | null => {
  try {
    return JSON.parse(text) as T
  } catch {
    return null
  }
}
