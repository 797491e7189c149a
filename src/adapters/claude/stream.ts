/** The CLI's output, from bytes in any pieces to events, and what is known of the run so far. */
import type { Millis } from '#core/words.ts'
import type { AgentEvent } from '#engine/ports/runtime.ts'
import { splitLines } from './lines.ts'
import { type Message, type ResultLine, readMessage, type Tokens } from './messages.ts'
import { retrySentence, toolDetail } from './sentences.ts'
import { streamUsage } from './usage.ts'

/** What the stream has told so far. */
export interface Known {
  /** The last one counts: a background task may wake the model again after the first. */
  readonly result: ResultLine | null
  readonly isResultBroken: boolean
  /** Whether any line was a message of the CLI. */
  readonly isUnderstood: boolean
  /** The first line that was none. */
  readonly strange: string | null
  /** Over all results, each of which counts only its own. */
  readonly turns: number | null
  readonly sessionId: string | null
  readonly version: string | null
  /** The CLI's own word for the provider's last refusal. */
  readonly error: string | null
  readonly limit: { readonly until: Millis | null } | null
  /** By id, so that a message told in several lines is counted once. */
  readonly messages: ReadonlyMap<string, Tokens>
  /** In the order in which they first answered. */
  readonly models: ReadonlySet<string>
  readonly lastModel: string | null
}

export interface Stream {
  write(bytes: Uint8Array): void
  end(): void
  known(): Known
}

export interface Listener {
  /** `weight`: how many characters the event holds. */
  onEvent(event: AgentEvent, weight: number): void
  /** After the events of its line. */
  onResult?(): void
}

/** `maxBytes`: longer lines are dropped, and that is told. */
export function readStream({ onEvent, onResult }: Listener, maxBytes?: number): Stream {
  const messages = new Map<string, Tokens>()
  const models = new Set<string>()
  let known: Omit<Known, 'messages' | 'models'> = {
    result: null,
    isResultBroken: false,
    isUnderstood: false,
    strange: null,
    turns: null,
    sessionId: null,
    version: null,
    error: null,
    limit: null,
    lastModel: null,
  }
  let current: string | null = null
  const learn = (more: Partial<typeof known>): void => {
    known = { ...known, ...more }
  }

  const count = (id: string, tokens: Partial<Tokens>): void => {
    const before = messages.get(id) ?? { input: 0, output: 0, cacheRead: 0, cacheCreation: 0 }
    messages.set(id, { ...before, ...tokens })
    onEvent({ is: 'usage', usage: streamUsage(messages)! }, 100)
  }
  const answeredBy = (model: string | null): void => {
    if (model === null) return
    models.add(model)
    learn({ lastModel: model })
  }

  const take = (message: Message): void => {
    switch (message.is) {
      case 'init':
        learn({ sessionId: message.sessionId ?? known.sessionId, version: message.version })
        break
      case 'begin':
        current = message.id
        answeredBy(message.model)
        // What it says of the output then only fills the place.
        count(message.id, { ...message.tokens, output: 0 })
        break
      case 'count':
        if (current !== null) count(current, message.tokens)
        break
      case 'assistant':
        takeAssistant(message)
        break
      case 'retry':
        onEvent({ is: 'provider', what: 'retry', sentence: retrySentence(message) }, 100)
        break
      case 'fallback': {
        const sentence = `goes on with ${message.to ?? 'another model'} instead of ${message.from ?? 'its own'}`
        onEvent({ is: 'provider', what: 'fallback', sentence }, 100)
        break
      }
      case 'limit':
        learn({ limit: { until: message.until } })
        break
      case 'broken-result':
        learn({ result: null, isResultBroken: true })
        onResult?.()
        break
      case 'result':
        takeResult(message.result)
        break
      case 'other':
        break
    }
  }
  const takeResult = (result: ResultLine): void => {
    const turns = result.turns === null ? known.turns : (known.turns ?? 0) + result.turns
    learn({ result, isResultBroken: false, turns, sessionId: result.sessionId ?? known.sessionId })
    onResult?.()
  }
  const takeAssistant = ({ id, model, error, blocks, tokens }: Extract<Message, { is: 'assistant' }>): void => {
    if (error !== null) learn({ error })
    else if (model !== null) learn({ error: null })
    answeredBy(model)
    // Its count is not final; it is all there is where the answer did not come as a stream.
    if (model !== null && !messages.has(id)) count(id, tokens)
    for (const block of blocks) {
      if (block.is === 'text') onEvent({ is: 'text', text: block.text }, block.text.length)
      else onEvent({ is: 'tool', name: block.name, detail: toolDetail(block.input) }, 300)
    }
  }

  const lines = splitLines((line, bytes) => {
    if (line === null) {
      learn({ strange: known.strange ?? `a line of ${bytes} bytes` })
      onEvent({ is: 'raw', line: `[a line of ${bytes} bytes was dropped]` }, 100)
      return
    }
    onEvent({ is: 'raw', line }, line.length)
    const message = readMessage(line)
    if (message === null) {
      if (line.trim() !== '') learn({ strange: known.strange ?? line.slice(0, 500) })
      return
    }
    learn({ isUnderstood: true })
    take(message)
  }, maxBytes)
  return { write: lines.write, end: lines.end, known: () => ({ ...known, messages, models }) }
}
