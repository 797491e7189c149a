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
}

/** A server sends what a log holds at once; after this much silence there is no more of it yet. */
const QUIET_MS = 800

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
    .action(async (run: string, flags: LogFlags) => {
      const { terminal } = context.shell
      const { client } = visit(context, flags)
      const end = new AbortController()
      const lines: string[] = []
      let state: string | null = null
      const events = client.events(`/api/runs/${encodeURIComponent(run)}/log`, end.signal)
      try {
        for await (const { event, data } of flags.follow ? unbroken(events) : untilQuiet(events)) {
          if (event === 'end') {
            state = parsed<{ state?: string }>(data)?.state ?? 'ended'
            break
          }
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
      else if (!flags.follow) terminal.err(`Run ${plain(run)} goes on; follow it with -f.\n`)
    })

  async function* untilQuiet(events: AsyncGenerator<SseEvent>): AsyncGenerator<SseEvent> {
    for (;;) {
      const silence = new AbortController()
      const quiet = context.shell.sleep(QUIET_MS, silence.signal).then(
        () => null,
        () => null,
      )
      const next = events.next()
      const found = await Promise.race([next, quiet])
      silence.abort()
      if (found === null) return void next.catch(() => {})
      if (found.done) return
      yield found.value
    }
  }
}

/** A stream that ends without saying so was cut off: what was printed is not the whole log. */
async function* unbroken(events: AsyncGenerator<SseEvent>): AsyncGenerator<SseEvent> {
  try {
    yield* events
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown
  }
  throw new UserError('The connection to Orch was lost before the run ended; run the same command again.')
}

const parsed = <T>(text: string): T | null => {
  try {
    return JSON.parse(text) as T
  } catch {
    return null
  }
}
