/** Writes an answer as the Messages API does: server-sent events, or one JSON object. */
import type { ServerResponse } from 'node:http'
import { type Answer, type Block, TOKENS, type Tokens } from './messages.ts'

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
}

export interface AnswerPlace {
  readonly response: ServerResponse
  readonly number: number
  readonly model: string
  readonly stream: boolean
  readonly wait: (ms: number) => Promise<void>
}

/** Resolves with the tokens that the whole answer told; null where it told none or came only in part. */
export async function send(answer: Answer, place: AnswerPlace): Promise<Tokens | null> {
  const { response, number } = place
  const id = { 'request-id': `req_${number}` }
  switch (answer.is) {
    case 'reset':
      response.socket?.destroy()
      return null
    case 'garbage':
      response.writeHead(200, { 'content-type': 'text/event-stream', ...id }).end(answer.body)
      return null
    case 'status': {
      const type = ERROR_TYPES[answer.status] ?? 'api_error'
      const message = answer.message ?? `the script says ${answer.status}`
      const body =
        answer.body ?? JSON.stringify({ type: 'error', error: { type, message }, request_id: `req_${number}` })
      response.writeHead(answer.status, { 'content-type': 'application/json', ...id, ...answer.headers }).end(body)
      return null
    }
    default:
      return place.stream ? stream(answer, place) : whole(answer, place)
  }
}

type Streamed = Extract<Answer, { is: 'message' | 'cut' | 'stream-error' | 'silence' }>
type Spoken = Extract<Answer, { is: 'message' }>

function whole(answer: Streamed, place: AnswerPlace): Tokens | null {
  const { response, number, model } = place
  if (answer.is === 'silence') return null
  const head = { 'content-type': 'application/json', 'request-id': `req_${number}` }
  if (answer.is === 'stream-error') {
    const status = Object.entries(ERROR_TYPES).find(([, type]) => type === answer.type)?.[0] ?? 500
    const error = { type: answer.type, message: answer.message }
    response.writeHead(Number(status), head).end(JSON.stringify({ type: 'error', error, request_id: `req_${number}` }))
    return null
  }
  if (answer.is === 'cut') {
    response.writeHead(200, head).write('{"id":"msg_', () => response.socket?.destroy())
    return null
  }
  const tokens = answer.tokens ?? TOKENS
  const message = {
    ...opening(number, model, tokens),
    content: answer.blocks.map((block, at) => contentOf(block, number, at)),
    stop_reason: stopOf(answer),
    usage: { ...usageOf(tokens), output_tokens: tokens.output },
  }
  response.writeHead(200, head).end(JSON.stringify(message))
  return tokens
}

async function stream(answer: Streamed, { response, number, model, wait }: AnswerPlace): Promise<Tokens | null> {
  const tokens = (answer.is === 'message' ? answer.tokens : undefined) ?? TOKENS
  const event = (type: string, fields: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`)
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'request-id': `req_${number}`,
  })
  event('message_start', { message: opening(number, model, tokens) })
  event('ping', {})
  if (answer.is === 'silence') return null
  if (answer.is === 'stream-error') {
    event('error', { error: { type: answer.type, message: answer.message } })
    response.end()
    return null
  }
  const blocks: readonly Block[] = answer.is === 'cut' ? [{ is: 'text', text: answer.text }] : answer.blocks
  for (const [index, block] of blocks.entries()) {
    event('content_block_start', { index, content_block: emptied(block, number, index) })
    for (const delta of deltasOf(block)) {
      if (response.destroyed) return null
      if (answer.is === 'message' && answer.deltaMs !== undefined) await wait(answer.deltaMs)
      event('content_block_delta', { index, delta })
    }
    if (answer.is === 'cut') {
      response.write('event: content_block_delta\ndata: {"type":"content_bl', () => response.socket?.destroy())
      return null
    }
    event('content_block_stop', { index })
  }
  event('message_delta', {
    delta: { stop_reason: stopOf(answer as Spoken), stop_sequence: null },
    usage: { output_tokens: tokens.output },
  })
  event('message_stop', {})
  if (response.destroyed) return null
  response.end()
  return tokens
}

const opening = (number: number, model: string, tokens: Tokens) => ({
  id: `msg_${number}`,
  type: 'message',
  role: 'assistant',
  model,
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: usageOf(tokens),
})

/** At the beginning one token of the output is there. */
const usageOf = ({ input, cacheRead, cacheWrite }: Tokens) => ({
  input_tokens: input,
  cache_creation_input_tokens: cacheWrite,
  cache_read_input_tokens: cacheRead,
  cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
  output_tokens: 1,
  service_tier: 'standard',
})

const stopOf = ({ stop, blocks }: Spoken): string =>
  stop ?? (blocks.some(({ is }) => is === 'call') ? 'tool_use' : 'end_turn')

const contentOf = (block: Block, number: number, at: number) =>
  block.is === 'text'
    ? { type: 'text', text: block.text }
    : { type: 'tool_use', id: `toolu_${number}_${at}`, name: block.name, input: block.input }

const emptied = (block: Block, number: number, at: number) =>
  block.is === 'text' ? { type: 'text', text: '' } : contentOf({ ...block, input: {} }, number, at)

/** JSON of a call comes in pieces that are no JSON by themselves, an empty one first. */
const deltasOf = (block: Block): object[] =>
  block.is === 'text'
    ? pieces(block.text, 12).map((text) => ({ type: 'text_delta', text }))
    : ['', ...pieces(JSON.stringify(block.input), 40)].map((json) => ({ type: 'input_json_delta', partial_json: json }))

const pieces = (text: string, size: number): string[] => {
  const letters = [...text]
  return Array.from({ length: Math.ceil(letters.length / size) }, (_, at) =>
    letters.slice(at * size, (at + 1) * size).join(''),
  )
}
