/**
 * A model of ours that speaks the Responses API with streaming, on loopback. What it answers is a function of the request,
 * never of a counter, so that a request that is tried again gets the same answer unless the script says otherwise.
 */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as textOf } from 'node:stream/consumers'

export interface ModelRequest {
  /** From 1 on, over the server's life. */
  readonly number: number
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: ModelBody
  /** Results of tools that the conversation holds since the last message of its user. */
  readonly results: readonly string[]
}
export interface ModelBody {
  readonly model?: string
  readonly instructions?: string
  readonly reasoning?: { readonly effort?: string }
  readonly tools?: readonly { readonly type: string; readonly name?: string }[]
  readonly input?: readonly InputItem[]
}
export interface InputItem {
  readonly type?: string
  readonly role?: string
  readonly content?: readonly { readonly text?: string }[]
  readonly output?: unknown
}

export type Answer =
  | { readonly is: 'text'; readonly text: string; readonly usage?: ModelUsage }
  | { readonly is: 'call'; readonly name: string; readonly input: object; readonly usage?: ModelUsage }
  /** A plain HTTP error. */
  | {
      readonly is: 'status'
      readonly status: number
      readonly headers?: Record<string, string>
      readonly body?: string
    }
  /** The provider's own way to fail in the middle of a stream. */
  | { readonly is: 'failed'; readonly code: string; readonly message: string }
  /** Headers, a first event, and then silence or the end of the connection. */
  | { readonly is: 'silence' }
  | { readonly is: 'cut' }

export interface ModelUsage {
  readonly input: number
  readonly cached: number
  readonly output: number
  readonly reasoning: number
}
export const USAGE: ModelUsage = { input: 3600, cached: 3000, output: 20, reasoning: 5 }

export interface ModelServer {
  readonly url: string
  readonly requests: readonly ModelRequest[]
  /** Resolves when a request arrives for which `is` holds, also if it was there before. */
  seen(is: (request: ModelRequest) => boolean): Promise<ModelRequest>
  close(): Promise<void>
}

const resultsSince = (input: readonly InputItem[]): string[] =>
  input
    .slice(input.findLastIndex((item) => item.role === 'user') + 1)
    .filter((item) => item.type?.endsWith('call_output') === true)
    .map((item) => (typeof item.output === 'string' ? item.output : JSON.stringify(item.output)))

export async function startModelServer(answer: (request: ModelRequest) => Answer): Promise<ModelServer> {
  const requests: ModelRequest[] = []
  const waiting = new Set<() => void>()
  const server = createServer(async (incoming, response) => {
    const raw = await textOf(incoming)
    const body = (raw === '' ? {} : JSON.parse(raw)) as ModelBody
    const path = incoming.url ?? ''
    const results = resultsSince(body.input ?? [])
    const request = { number: requests.length + 1, path, headers: incoming.headers, body, results }
    requests.push(request)
    for (const wake of [...waiting]) wake()
    if (path.endsWith('/responses')) send(response, request, answer(request))
    else response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"not here"}}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    seen: (is) =>
      new Promise((resolve) => {
        const look = () => {
          const found = requests.find(is)
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function send(response: ServerResponse, { number, body: { model } }: ModelRequest, answer: Answer): void {
  const id = `resp_${number}`
  if (answer.is === 'status') {
    const body = answer.body ?? JSON.stringify({ error: { message: `the script says ${answer.status}` } })
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(body)
    return
  }
  const event = (type: string, fields: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  event('response.created', { response: { id } })
  if (answer.is === 'silence') return
  if (answer.is === 'cut') {
    response.write('event: response.output_text.delta\ndata: {"type":"resp', () => response.destroy())
    return
  }
  if (answer.is === 'failed')
    event('response.failed', { response: { id, error: { code: answer.code, message: answer.message } } })
  else {
    const item = answer.is === 'text' ? message(id, answer.text) : call(id, answer.name, answer.input)
    event('response.output_item.added', { output_index: 0, item })
    if (answer.is === 'text') event('response.output_text.delta', { item_id: item.id, delta: answer.text })
    event('response.output_item.done', { output_index: 0, item })
    event('response.completed', {
      response: { id, object: 'response', model, usage: usageOf(answer.usage ?? USAGE) },
    })
  }
  response.end()
}

const message = (id: string, text: string) => ({
  type: 'message',
  role: 'assistant',
  id: `msg_${id}`,
  content: [{ type: 'output_text', text }],
})
const call = (id: string, name: string, input: object) => ({
  type: 'function_call',
  id: `fc_${id}`,
  call_id: `call_${id}`,
  name,
  arguments: JSON.stringify(input),
})
const usageOf = ({ input, cached, output, reasoning }: ModelUsage) => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: cached },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: reasoning },
  total_tokens: input + output,
})
