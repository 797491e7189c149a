/** One request passed on to another server and its answer back, as both come: nothing is held, each side slows the other. */
import { type IncomingMessage, type RequestOptions, request as requestHttp, type ServerResponse } from 'node:http'
import { request as requestHttps } from 'node:https'
import { headersForRun } from './headers.ts'

export interface Plan {
  readonly isTls: boolean
  /** Complete but for method and time limit; `headers` in Node's raw form. */
  readonly to: RequestOptions
  readonly bodyLimitBytes: number
  readonly connectTimeoutMs: number
  /** The answer's headers have come. */
  onAnswer(answer: IncomingMessage): void
  onBytes(bytes: Uint8Array): void
  /** Told once. Where no answer was passed back, one is still owed to the run, or the connection to be ended. */
  onEnd(how: End): void
}

/** `left`: the run hung up. `cut`: the server did, in the middle of its answer. Codes are Node's. */
export type End =
  | { readonly is: 'complete' | 'left' | 'aborted' | 'too-large' }
  | { readonly is: 'unreachable' | 'cut'; readonly code: string }

const codeOf = (error: NodeJS.ErrnoException): string => error.code ?? error.name

/**
 * Whether a request that only fetches brings a body. Nothing would frame it on the other side: its bytes would be taken
 * for another request, one that nobody here has looked at.
 */
export const isSmuggling = ({ method, headers }: IncomingMessage): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0)

/** Returns the way to abort it. Throws where the request cannot be said in HTTP. */
export function forward(incoming: IncomingMessage, response: ServerResponse, plan: Plan): () => void {
  let isOver = false
  let hasAnswer = false
  let received = 0
  const outgoing = (plan.isTls ? requestHttps : requestHttp)({
    ...plan.to,
    method: incoming.method,
    timeout: plan.connectTimeoutMs,
  })
  const end = (how: End) => {
    if (isOver) return
    isOver = true
    // What is still sent is read to its end, so that the connection can serve again.
    incoming.unpipe(outgoing)
    incoming.resume()
    if (how.is !== 'complete') outgoing.destroy()
    plan.onEnd(how)
  }
  const fail = (code: string) => end({ is: hasAnswer ? 'cut' : 'unreachable', code })

  // The time limit is for the connection alone: how long a model thinks is its own affair.
  outgoing.on('timeout', () => fail('ETIMEDOUT'))
  outgoing.on('socket', (socket) => {
    if (socket.connecting) socket.once(plan.isTls ? 'secureConnect' : 'connect', () => socket.setTimeout(0))
    else socket.setTimeout(0)
  })
  outgoing.on('error', (error) => fail(codeOf(error)))
  outgoing.on('response', (answer) => {
    hasAnswer = true
    answer.on('error', (error) => fail(codeOf(error)))
    answer.on('end', () => end({ is: 'complete' }))
    if (isOver) return
    plan.onAnswer(answer)
    response.writeHead(answer.statusCode!, answer.statusMessage, headersForRun(answer.rawHeaders))
    response.flushHeaders()
    answer.on('data', plan.onBytes)
    answer.pipe(response)
  })

  response.on('close', () => end({ is: 'left' }))
  response.on('error', () => {})
  incoming.on('error', () => {})
  incoming.on('data', (bytes: Uint8Array) => {
    received += bytes.length
    if (received > plan.bodyLimitBytes) end({ is: 'too-large' })
  })
  incoming.pipe(outgoing)
  return () => end({ is: 'aborted' })
}
