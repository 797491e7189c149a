/** One run under way: its output becomes events, its silence and its waiting are noticed, its end becomes a result. */

import { sentenceOf } from '#core/errors.ts'
import type { Usage } from '#core/model.ts'
import type { Ledger } from '#engine/ports/gateway.ts'
import type { ProcessResult, StopReason } from '#engine/ports/processes.ts'
import type { AgentEvent, AgentResult, AgentRun, AgentSpec } from '#engine/ports/runtime.ts'
import { type Known, NOTHING_KNOWN, shown } from './classify.ts'
import { eventQueue } from './event-queue.ts'
import { type CodexEvent, parseEvent } from './events.ts'
import { splitLines } from './lines.ts'
import type { CodexOptions } from './options.ts'
import { type OwnEnd, outcomeOf } from './outcome.ts'
import type { Prepared } from './prepare.ts'
import { questionIn } from './question.ts'
import type { Sessions } from './sessions.ts'
import { silenceOf } from './silence.ts'
import { after, NO_TURN, type Turn } from './turn.ts'
import { atLeast, ledgerUsage, sessionUsage, usageSince } from './usage.ts'
import { waitIn } from './waits.ts'

export interface Following {
  readonly spec: AgentSpec
  readonly prepared: Prepared
  readonly options: CodexOptions
  readonly sessions: Sessions
  /** Where the run's door tells of every answer of the provider. */
  readonly heard: { ledger: (ledger: Ledger) => void }
}

const POST_RESULT_MS = 15_000
const TAIL_BYTES = 8 * 1024
/** Longer ones are waited for by Orch, which has other work for the slot; the CLI would sleep through them in silence. */
const LONGEST_NAP_MS = 60_000
/** How many calls are remembered as told. */
const TOOLS_MAX = 10_000

export function follow(following: Following): AgentRun {
  const { spec, prepared, options, heard } = following
  const { clock } = options
  const { door } = prepared
  const events = eventQueue<AgentEvent>()
  const over = new AbortController()
  const tools = new Set<string>()
  let lingering = new AbortController()
  let turn: Turn = NO_TURN
  let usage: Usage = {}
  let signs = 0
  let stopped: StopReason | null = null
  let own: OwnEnd | null = null

  const known = (): Known => door?.ledger() ?? NOTHING_KNOWN
  const endFor = (why: OwnEnd): void => {
    own ??= why
    running.stop('lingering')
  }
  const tellUsage = (more: Usage): void => {
    const next = atLeast(usage, more)
    if (JSON.stringify(next) === JSON.stringify(usage)) return
    usage = next
    events.push({ is: 'usage', usage }, 0)
  }
  const take = (event: CodexEvent): void => {
    turn = after(turn, event)
    if (event.is === 'message' && event.text !== '') events.push({ is: 'text', text: event.text }, event.text.length)
    if (event.is === 'tool' && !tools.has(event.id)) {
      // Told when it starts, or, where it is told only once, when it has ended.
      if (tools.size >= TOOLS_MAX) tools.clear()
      tools.add(event.id)
      events.push({ is: 'tool', name: event.name, detail: event.detail }, event.detail.length)
    }
    if (event.is === 'trouble' && event.message.startsWith('Reconnecting')) {
      events.push({ is: 'provider', what: 'retry', sentence: shown(event.message) }, 0)
      if ((known().retryAfterMs ?? waitIn(event.message) ?? 0) > LONGEST_NAP_MS) endFor('told-to-wait')
    }
    if (event.is === 'turn-completed') tellUsage(usageOf(following, turn))
    lingering.abort()
    if (turn.end !== null) {
      lingering = new AbortController()
      const off = AbortSignal.any([lingering.signal, over.signal])
      void clock.sleep(options.postResultMs ?? POST_RESULT_MS, off).then(() => off.aborted || endFor('lingering'))
    }
  }
  const stdout = splitLines((line, isWhole) => {
    events.push({ is: 'raw', line }, line.length)
    const event = isWhole ? parseEvent(line) : null
    if (event !== null) take(event)
    else if (line.trim() !== '') turn = after(turn, null)
  })
  const stderr = splitLines((line) => events.push({ is: 'raw', line }, line.length))

  const { limits } = spec
  const running = options.processes.start({
    ...prepared.process,
    // Silence is watched here: a long command prints nothing, while the model is asked about it all along.
    timeoutMs: limits.timeoutMs,
    graceMs: limits.graceMs,
    tailBytes: TAIL_BYTES,
    onBytes: (bytes, stream) => {
      signs += 1
      ;(stream === 'stdout' ? stdout : stderr).write(bytes)
    },
  })
  heard.ledger = (ledger) => {
    signs += 1
    tellUsage(ledgerUsage(ledger))
  }
  void silenceOf(clock, limits.stallMs, () => signs, over.signal).then((isSilent) => isSilent && endFor('silent'))

  const conclude = (process: ProcessResult): AgentResult => {
    stdout.end()
    stderr.end()
    const outcome = outcomeOf({ process, turn, stopped, own, known: known(), now: clock.now(), spec })
    const ledger = door?.ledger()
    if (ledger !== undefined) tellUsage(ledgerUsage(ledger))
    tellUsage(usageOf(following, turn))
    const told = { ...usage, ...(turn.session === null ? {} : { sessionId: turn.session }) }
    const models = Object.keys(ledger?.byModel ?? {}).filter((model) => model !== 'unknown')
    return { ...asked(following, turn, outcome), usage: told, models }
  }
  const finish = (process: ProcessResult): AgentResult => {
    over.abort()
    try {
      return conclude(process)
    } catch (thrown) {
      const sentence = `The run of codex could not be judged: ${sentenceOf(thrown)}`
      return { is: 'failed', failure: { class: 'permanent', code: 'bug', sentence }, usage: {}, models: [] }
    } finally {
      door?.close()
      events.end()
    }
  }
  return {
    process: running.identity,
    events,
    result: running.result.then(finish),
    stop(reason) {
      stopped ??= reason
      door?.refuse(`run ${spec.run} is being stopped`)
      running.stop(reason)
    },
  }
}

/** This run's own, by the CLI's numbers; nothing before its end, for it tells none before. */
function usageOf({ spec, prepared: { isResumed } }: Following, { end }: Turn): Usage {
  if (end?.is !== 'completed') return {}
  const total = sessionUsage(end.usage)
  return isResumed && spec.resume !== null ? usageSince(spec.resume.usage, total) : total
}

type Outcome = ReturnType<typeof outcomeOf>
type Asked = { readonly is: 'asked'; readonly question: string; readonly session: AskedSession }
type AskedSession = Extract<AgentResult, { is: 'asked' }>['session']

function asked({ spec, prepared, sessions }: Following, turn: Turn, outcome: Outcome): Outcome | Asked {
  const question = outcome.is === 'completed' ? questionIn(outcome.text) : null
  if (question === null) return outcome
  const { session, end } = turn
  const isKept = session !== null && end?.is === 'completed' && sessions.keep(session, prepared.codexHome)
  const kept = isKept ? { run: spec.run, id: session, usage: sessionUsage(end.usage) } : null
  return { is: 'asked', question, session: kept }
}
