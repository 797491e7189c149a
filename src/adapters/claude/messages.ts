/**
 * One line of the CLI's stream to what we understand of it. Whatever else a version says is `other`; nothing in a line can
 * make this throw. The shapes are those of version 2.1.330.
 */
import type { Millis } from '#core/words.ts'

export interface Tokens {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheCreation: number
}

export interface ModelUsage extends Tokens {
  /** Null where the CLI only guessed the price. */
  readonly costUsd: number | null
}

export type Block =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'tool'; readonly name: string; readonly input: unknown }

export interface ResultLine {
  readonly subtype: string
  readonly isError: boolean
  /** What it says at the end: the answer, or what went wrong. */
  readonly text: string
  /** HTTP status of the provider's last answer; null where there was none. */
  readonly status: number | null
  readonly ending: string | null
  readonly stopReason: string | null
  readonly turns: number | null
  readonly sessionId: string | null
  /** Of the whole conversation, earlier runs included. */
  readonly byModel: Readonly<Record<string, ModelUsage>>
}

export type Message =
  | { readonly is: 'init'; readonly sessionId: string | null; readonly version: string | null }
  /** `model` is null where the CLI speaks in the model's place; `error` then is its word for the trouble. */
  | {
      readonly is: 'assistant'
      readonly id: string
      readonly model: string | null
      readonly error: string | null
      readonly blocks: readonly Block[]
      readonly tokens: Tokens
    }
  | { readonly is: 'begin'; readonly id: string; readonly model: string | null; readonly tokens: Tokens }
  /** Totals of the message that began last. */
  | { readonly is: 'count'; readonly tokens: Partial<Tokens> }
  | {
      readonly is: 'retry'
      readonly attempt: number | null
      readonly of: number | null
      readonly delayMs: number | null
      readonly status: number | null
      readonly error: string | null
    }
  | { readonly is: 'fallback'; readonly from: string | null; readonly to: string | null }
  /** The account's limit is reached, until then where it says so. */
  | { readonly is: 'limit'; readonly until: Millis | null }
  | { readonly is: 'result'; readonly result: ResultLine }
  /** Calls itself a result and is none. */
  | { readonly is: 'broken-result' }
  | { readonly is: 'other' }

type Fields = Readonly<Record<string, unknown>>
const OTHER: Message = { is: 'other' }

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null

/** Null where the line is not one JSON object: no message of the CLI at all. */
export function readMessage(line: string): Message | null {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const fields = value as Fields
  switch (fields.type) {
    case 'system':
      return readSystem(fields)
    case 'assistant':
      return readAssistant(fields)
    case 'stream_event':
      return readStreamEvent(fieldsOf(fields.event))
    case 'rate_limit_event':
      return readLimit(fieldsOf(fields.rate_limit_info))
    case 'result':
      return readResult(fields)
    default:
      return OTHER
  }
}

function readSystem(fields: Fields): Message {
  switch (fields.subtype) {
    case 'init':
      return { is: 'init', sessionId: textOf(fields.session_id), version: textOf(fields.claude_code_version) }
    case 'api_retry':
      return {
        is: 'retry',
        attempt: numberOf(fields.attempt),
        of: numberOf(fields.max_retries),
        delayMs: numberOf(fields.retry_delay_ms),
        status: numberOf(fields.error_status),
        error: textOf(fields.error),
      }
    case 'model_fallback':
      return { is: 'fallback', from: textOf(fields.original_model), to: textOf(fields.fallback_model) }
    default:
      return OTHER
  }
}

const tokensOf = (usage: Fields): Tokens => ({
  input: numberOf(usage.input_tokens) ?? 0,
  output: numberOf(usage.output_tokens) ?? 0,
  cacheRead: numberOf(usage.cache_read_input_tokens) ?? 0,
  cacheCreation: numberOf(usage.cache_creation_input_tokens) ?? 0,
})

const modelOf = (message: Fields): string | null => {
  const model = textOf(message.model)
  return model === '<synthetic>' ? null : model
}

function readAssistant(fields: Fields): Message {
  const message = fieldsOf(fields.message)
  return {
    is: 'assistant',
    id: textOf(message.id) ?? '',
    model: modelOf(message),
    error: textOf(fields.error),
    blocks: listOf(message.content).flatMap((block) => blockOf(fieldsOf(block))),
    tokens: tokensOf(fieldsOf(message.usage)),
  }
}

const blockOf = (block: Fields): Block[] => {
  if (block.type === 'text' && typeof block.text === 'string') return [{ is: 'text', text: block.text }]
  if (block.type === 'tool_use' && typeof block.name === 'string')
    return [{ is: 'tool', name: block.name, input: block.input }]
  return []
}

function readStreamEvent(event: Fields): Message {
  if (event.type === 'message_start') {
    const message = fieldsOf(event.message)
    const tokens = tokensOf(fieldsOf(message.usage))
    return { is: 'begin', id: textOf(message.id) ?? '', model: modelOf(message), tokens }
  }
  if (event.type !== 'message_delta') return OTHER
  const usage = fieldsOf(event.usage)
  const said = Object.entries({
    input: numberOf(usage.input_tokens),
    output: numberOf(usage.output_tokens),
    cacheRead: numberOf(usage.cache_read_input_tokens),
    cacheCreation: numberOf(usage.cache_creation_input_tokens),
  }).filter(([, tokens]) => tokens !== null)
  return { is: 'count', tokens: Object.fromEntries(said) as Partial<Tokens> }
}

function readLimit(info: Fields): Message {
  if (info.status !== 'rejected') return OTHER
  const seconds = numberOf(info.resetsAt)
  return { is: 'limit', until: seconds === null ? null : seconds * 1000 }
}

function readResult(fields: Fields): Message {
  const { subtype, is_error: isError } = fields
  const text =
    textOf(fields.result) ??
    listOf(fields.errors)
      .filter((error) => typeof error === 'string')
      .join('; ')
  if (typeof subtype !== 'string' || typeof isError !== 'boolean') return { is: 'broken-result' }
  if (!isError && typeof fields.result !== 'string') return { is: 'broken-result' }
  return {
    is: 'result',
    result: {
      subtype,
      isError,
      text,
      status: numberOf(fields.api_error_status),
      ending: textOf(fields.terminal_reason),
      stopReason: textOf(fields.stop_reason),
      turns: numberOf(fields.num_turns),
      sessionId: textOf(fields.session_id),
      byModel: Object.fromEntries(
        Object.entries(fieldsOf(fields.modelUsage)).map(([model, usage]) => [model, usageOf(fieldsOf(usage))]),
      ),
    },
  }
}

const usageOf = (usage: Fields): ModelUsage => ({
  input: numberOf(usage.inputTokens) ?? 0,
  output: numberOf(usage.outputTokens) ?? 0,
  cacheRead: numberOf(usage.cacheReadInputTokens) ?? 0,
  cacheCreation: numberOf(usage.cacheCreationInputTokens) ?? 0,
  costUsd: usage.costBasis === 'unknown' ? null : numberOf(usage.costUSD),
})
