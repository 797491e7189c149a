/**
 * A model of ours on loopback that speaks Anthropic's Messages API well enough for the real CLI. What it answers is a
 * function of the conversation and never of a counter, so that a request that is tried again derails nothing.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { send } from './answer.ts'
import { type Conversation, conversationOf, refusalOf } from './conversation.ts'
import type { Answer, MessagesBody, Tokens } from './messages.ts'

export type Script = (conversation: Conversation) => Answer

export interface ModelRequest {
  /** From 1 on, over the server's life. */
  readonly number: number
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly raw: string
  /** Null where it was no message. */
  readonly conversation: Conversation | null
  /** What it was answered with; null where the API itself refused it. */
  readonly answer: Answer | null
  /** Set when the whole answer is out. */
  tokens: Tokens | null
}

export interface ModelServer {
  readonly url: string
  readonly requests: readonly ModelRequest[]
  /** Only those that asked for a message. */
  messages(): readonly ModelRequest[]
  /** Tokens of whole answers, by model: the server's own record. */
  used(): Readonly<Record<string, Tokens>>
  /** Resolves when a request arrives for which `is` holds, also if it was there before. */
  seen(is: (request: ModelRequest) => boolean): Promise<ModelRequest>
  /** Ends every connection, too. May be called again. */
  close(): Promise<void>
}

export interface ModelServerOptions {
  readonly script: Script
  /** The one credential it takes; any where absent. */
  readonly key?: string
  /** For slow answers; the real clock where absent. */
  readonly wait?: (ms: number) => Promise<void>
}

export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const requests: ModelRequest[] = []
  const attempts = new Map<string, number>()
  const waiting = new Set<() => void>()
  const wait = options.wait ?? ((ms: number) => sleep(ms))

  const attemptOf = (body: MessagesBody): number => {
    const state = createHash('sha256')
      .update(JSON.stringify([body.model, body.messages]))
      .digest('hex')
    const attempt = (attempts.get(state) ?? 0) + 1
    attempts.set(state, attempt)
    return attempt
  }

  const take = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const raw = await textOf(incoming)
    const path = incoming.url ?? ''
    const body = bodyOf(raw)
    const isMessage = incoming.method === 'POST' && path.split('?')[0] === '/v1/messages'
    const conversation = isMessage && body !== null ? conversationOf(body, attemptOf(body)) : null
    const refused = refusal(incoming, path, body, options.key)
    const request: ModelRequest = {
      number: requests.length + 1,
      method: incoming.method ?? '',
      path,
      headers: incoming.headers,
      raw,
      conversation,
      answer: conversation === null || refused !== null ? null : options.script(conversation),
      tokens: null,
    }
    requests.push(request)
    for (const look of [...waiting]) look()
    const place = {
      response,
      number: request.number,
      model: body?.model ?? '',
      stream: body?.stream === true,
      wait,
    }
    if (request.answer !== null) request.tokens = await send(request.answer, place)
    else if (refused !== null) await send(refused, place)
    else response.writeHead(200, { 'content-type': 'application/json' }).end(`{"input_tokens":${raw.length >> 2}}`)
  }

  const server = createServer((incoming, response) => {
    response.on('error', () => {})
    take(incoming, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    messages: () => requests.filter(({ conversation }) => conversation !== null),
    used: () => used(requests),
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

function bodyOf(raw: string): MessagesBody | null {
  try {
    return JSON.parse(raw) as MessagesBody
  } catch {
    return null
  }
}

/** What the API refuses before any model hears of it. */
function refusal(
  { method, headers }: IncomingMessage,
  path: string,
  body: MessagesBody | null,
  key: string | undefined,
): Answer | null {
  const status = (code: number, message: string): Answer => ({ is: 'status', status: code, message })
  const shown = headers['x-api-key'] ?? headers.authorization?.replace(/^Bearer /, '')
  if (key !== undefined && shown !== key) return status(401, 'invalid x-api-key')
  const isKnown = ['/v1/messages', '/v1/messages/count_tokens'].includes(path.split('?')[0] ?? '')
  if (method !== 'POST' || !isKnown) return status(404, 'Not found')
  if (headers['anthropic-version'] === undefined) return status(400, 'anthropic-version: header is required')
  if (body === null) return status(400, 'The request body is not valid JSON')
  const wrong = path.startsWith('/v1/messages/') ? null : refusalOf(body)
  return wrong === null ? null : status(400, wrong)
}

function used(requests: readonly ModelRequest[]): Record<string, Tokens> {
  const byModel: Record<string, Tokens> = {}
  for (const { conversation, tokens } of requests) {
    if (conversation === null || tokens === null) continue
    const before = byModel[conversation.model] ?? { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
    byModel[conversation.model] = {
      input: before.input + tokens.input,
      output: before.output + tokens.output,
      cacheRead: before.cacheRead + tokens.cacheRead,
      cacheWrite: before.cacheWrite + tokens.cacheWrite,
    }
  }
  return byModel
}
