/**
 * What an answer says it used, read while it passes by. Messages API: `message_start` names the model and the input, each
 * `message_delta` the totals of the message so far. Responses API: the last event holds the whole response, whose input
 * includes what was read from and written to the cache. Without streaming, the message or response is the body.
 */
import type { Usage } from '#core/model.ts'
import { createSseReader } from './sse.ts'

export type Style = 'anthropic' | 'openai'

export interface Said {
  readonly model: string
  readonly usage: Usage
}

export interface Counter {
  push(bytes: Uint8Array): void
  /** No more comes, whether it was complete or cut off. */
  end(): void
  /** So far; null while nothing was said. */
  said(): Said | null
}

type Fields = Readonly<Record<string, unknown>>
const LIMIT_BYTES = 32 * 1024 * 1024

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})
const tokens = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined
const known = (usage: { readonly [name in keyof Usage]: Usage[name] | undefined }): Usage =>
  Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== undefined))

const ofMessage = (usage: Fields): Usage =>
  known({
    input: tokens(usage.input_tokens),
    output: tokens(usage.output_tokens),
    cacheRead: tokens(usage.cache_read_input_tokens),
    cacheCreation: tokens(usage.cache_creation_input_tokens),
  })

const ofResponse = (usage: Fields): Usage => {
  const details = fieldsOf(usage.input_tokens_details)
  const input = tokens(usage.input_tokens)
  const cacheRead = tokens(details.cached_tokens)
  const cacheCreation = tokens(details.cache_write_tokens)
  return known({
    input: input === undefined ? undefined : Math.max(0, input - (cacheRead ?? 0) - (cacheCreation ?? 0)),
    output: tokens(usage.output_tokens),
    cacheRead,
    cacheCreation,
  })
}

/** The parts of one event, or of a whole body, that say something of use. */
const readFacts = (style: Style, event: Fields): { readonly model: unknown; readonly usage: Usage } | null => {
  if (style === 'openai') {
    const response = fieldsOf(event.object === 'response' ? event : event.response)
    return { model: response.model, usage: ofResponse(fieldsOf(response.usage)) }
  }
  const message = fieldsOf(event.type === 'message_start' ? event.message : event)
  if (event.type === 'message_delta') return { model: undefined, usage: ofMessage(fieldsOf(event.usage)) }
  return message.type === 'message' || event.type === 'message_start'
    ? { model: message.model, usage: ofMessage(fieldsOf(message.usage)) }
    : null
}

const parse = (text: string): Fields => {
  try {
    return fieldsOf(JSON.parse(text))
  } catch {
    return {}
  }
}

/** `contentType` as in the answer's header; what is neither a stream of events nor JSON is not read. */
export function createCounter(style: Style, contentType: string): Counter {
  let model: string | null = null
  let usage: Usage = {}
  const read = (text: string) => {
    // Most events are pieces of text: they need no parsing.
    if (!text.includes('"usage"')) return
    const facts = readFacts(style, parse(text))
    if (typeof facts?.model === 'string') model = facts.model
    usage = { ...usage, ...facts?.usage }
  }
  const said = (): Said | null =>
    Object.keys(usage).length === 0 ? null : { model: model ?? 'unknown', usage: { ...usage } }

  if (contentType.includes('text/event-stream')) return { ...createSseReader(read), said }
  if (!contentType.includes('json')) return { push: () => {}, end: () => {}, said }
  let pieces: Uint8Array[] = []
  let size = 0
  return {
    push(bytes) {
      size += bytes.length
      if (size <= LIMIT_BYTES) pieces.push(bytes)
      else pieces = []
    },
    end() {
      read(Buffer.concat(pieces).toString('utf8'))
      pieces = []
    },
    said,
  }
}
