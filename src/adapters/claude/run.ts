/** One run of the CLI, from its start to its verdict. */
import { sentenceOf } from '#core/errors.ts'
import type { Failure, Usage } from '#core/model.ts'
import type { Ledger } from '#engine/ports/gateway.ts'
import type { ProcessResult, StopReason } from '#engine/ports/processes.ts'
import type { AgentEvent, AgentResult, AgentRun, AgentSpec } from '#engine/ports/runtime.ts'
import { classify, type Verdict } from './classify.ts'
import { eventQueue } from './event-queue.ts'
import { splitLines } from './lines.ts'
import type { ClaudeOptions } from './options.ts'
import { type Prepared, prepare } from './prepare.ts'
import { questionIn } from './question.ts'
import type { Sessions } from './sessions.ts'
import { readStream } from './stream.ts'
import { conversationUsage, ledgerUsage, notFalling, runUsage } from './usage.ts'

/** How long it may take to end by itself once it has given its result, and once it was asked to stop. */
const POST_RESULT_MS = 15_000
const INTERRUPT_MS = 5_000
const TAIL_BYTES = 8 * 1024
const ERROR_LINE_BYTES_MAX = 64 * 1024
const BUDGET_SENTENCE = 'The budget of this run is spent.'

const line = (message: object): string => `${JSON.stringify(message)}\n`
const INTERRUPT = line({ type: 'control_request', request_id: 'stop', request: { subtype: 'interrupt' } })

/** A text that begins with a slash would be taken for a command of the CLI itself; one blank before it is enough. */
export const promptLine = (text: string): string =>
  line({ type: 'user', message: { role: 'user', content: text.startsWith('/') ? ` ${text}` : text } })

/** Never throws: what goes wrong before the start is the run's result. */
export function startRun(spec: AgentSpec, options: ClaudeOptions, sessions: Sessions): AgentRun {
  const events = eventQueue<AgentEvent>()
  const told = createTeller((event, weight) => events.push(event, weight))
  let prepared: Prepared | Failure
  try {
    prepared = prepare(spec, options, sessions, told.ledger)
  } catch (thrown) {
    prepared = {
      class: 'permanent',
      code: 'infrastructure',
      sentence: `the run could not be prepared: ${sentenceOf(thrown)}`,
    }
  }
  if ('code' in prepared) {
    events.end()
    return {
      process: { bootId: options.processes.self().bootId, pid: 0, startTime: null },
      events,
      result: Promise.resolve({ is: 'failed', usage: {}, models: [], failure: prepared }),
      stop: () => {},
    }
  }
  return underWay(spec, options, sessions, prepared, { events, told })
}

/** Usage is told as it grows: the stream is quicker, the gateway complete, and neither ever says too much. */
function createTeller(push: (event: AgentEvent, weight: number) => void) {
  let usage: Usage = {}
  const grow = (now: Usage): void => {
    const next = notFalling(usage, now)
    if (JSON.stringify(next) === JSON.stringify(usage)) return
    usage = next
    push({ is: 'usage', usage }, 100)
  }
  return {
    ledger(ledger: Ledger): void {
      grow(ledgerUsage(ledger) ?? {})
    },
    event(event: AgentEvent, weight: number): void {
      if (event.is !== 'usage') push(event, weight)
      else grow(event.usage)
    },
    /** The account at the end: no less than what was told. */
    settle(last: Usage): Usage {
      grow(last)
      return usage
    },
  }
}

function underWay(
  spec: AgentSpec,
  options: ClaudeOptions,
  sessions: Sessions,
  { argv, env, sandbox, conversation, text, door }: Prepared,
  { events, told }: { events: ReturnType<typeof eventQueue<AgentEvent>>; told: ReturnType<typeof createTeller> },
): AgentRun {
  const { processes, clock } = options
  const over = new AbortController()
  let stopped: StopReason | null = null
  let said = ''
  let results = 0

  /** The CLI sometimes stays after its result: its input is closed, and it has so long to go. */
  const onResult = (): void => {
    running.endInput()
    results += 1
    const number = results
    void clock.sleep(options.postResultMs ?? POST_RESULT_MS, over.signal).then(() => {
      if (!over.signal.aborted && number === results) running.stop('lingering')
    })
  }
  const stream = readStream({ onEvent: told.event, onResult })
  const errors = splitLines((text, bytes) => {
    const shown = text ?? `[a line of ${bytes} bytes was dropped]`
    said = `${said}${shown}\n`.slice(-TAIL_BYTES)
    told.event({ is: 'raw', line: shown }, shown.length)
  }, ERROR_LINE_BYTES_MAX)

  const running = processes.start({
    argv,
    cwd: spec.workspace.dir,
    env,
    stdin: promptLine(text),
    keepInput: true,
    interrupt: { text: INTERRUPT, waitMs: options.interruptMs ?? INTERRUPT_MS },
    sandbox,
    ...spec.limits,
    tailBytes: TAIL_BYTES,
    onBytes: (bytes, from) => (from === 'stdout' ? stream : errors).write(bytes),
  })

  const conclude = (process: ProcessResult): AgentResult => {
    stream.end()
    errors.end()
    const known = stream.known()
    const ledger = door?.ledger() ?? null
    const prior = conversation.is === 'resumed' ? (spec.resume?.usage ?? {}) : null
    const { result, messages, turns, lastModel: model } = known
    const sessionId = known.sessionId ?? conversation.id
    const usage = told.settle(runUsage({ result, prior, ledger, messages, turns, model, sessionId }))
    const models = [...new Set([...known.models, ...Object.keys(ledger?.byModel ?? {})])]
    const account = { usage, models }
    if (stopped !== null) return { is: 'stopped', reason: stopped, ...account }
    const verdict = classify({ process, known, said, ledger, limits: spec.limits, now: clock.now() })
    if (verdict.is === 'completed') return answer(verdict, sessionId, account)
    // A conversation that could not be gone on with would fail the next run as well.
    if (conversation.is === 'resumed' && messages.size === 0 && verdict.failure.class === 'permanent')
      sessions.forget(conversation.id)
    return { ...verdict, ...account }
  }

  const answer = (
    { text: said }: Extract<Verdict, { is: 'completed' }>,
    id: string,
    account: Pick<AgentResult, 'usage' | 'models'>,
  ): AgentResult => {
    const question = questionIn(said)
    if (question === null) return { is: 'completed', text: said, ...account }
    const { result } = stream.known()
    const total = result === null ? null : conversationUsage(result)
    // What it had used must be known, or the next run's own could not be told from it.
    const session = total !== null && keep(id) ? { run: spec.run, id, usage: total } : null
    return { is: 'asked', question, session, ...account }
  }
  const keep = (id: string): boolean => {
    try {
      return sessions.keep(id, spec.workspace.home)
    } catch (thrown) {
      told.event({ is: 'raw', line: `[the conversation could not be kept: ${sentenceOf(thrown)}]` }, 200)
      return false
    }
  }

  const finish = async (): Promise<AgentResult> => {
    const ended = await running.result
    over.abort()
    try {
      return conclude(ended)
    } catch (thrown) {
      const failure: Failure = {
        class: 'permanent',
        code: 'bug',
        sentence: `the run could not be judged: ${sentenceOf(thrown)}`,
      }
      return { is: 'failed', usage: {}, models: [], failure }
    } finally {
      door?.close()
      events.end()
    }
  }
  return {
    process: running.identity,
    events,
    result: finish(),
    stop(reason) {
      stopped ??= reason
      if (reason === 'budget') door?.refuse(BUDGET_SENTENCE)
      running.stop(reason)
    },
  }
}
