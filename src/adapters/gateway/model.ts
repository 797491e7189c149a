/** The way to the model: only its own addresses, the real key put in, the answer counted as it passes. */
import { Agent as HttpAgent, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Clock, Log } from '#engine/ports/world.ts'
import { answer } from './answers.ts'
import { type Counter, createCounter, type Style } from './count.ts'
import type { OpenDoor, Target } from './door.ts'
import { type End, forward, isSmuggling } from './forward.ts'
import { headersForModel } from './headers.ts'
import { readRetryAfterMs } from './retry-after.ts'

export interface Ways {
  readonly clock: Clock
  readonly log: Log
  readonly agents: { readonly http: HttpAgent; readonly https: HttpsAgent }
  readonly bodyLimitBytes: number
  readonly connectTimeoutMs: number
}

/** Servers hang up on idle connections at times of their own; one is not kept for longer than nearly all of them do. */
const KEPT_MS = 15_000

export const createAgents = (): Ways['agents'] => ({
  http: new HttpAgent({ keepAlive: true, timeout: KEPT_MS }),
  https: new HttpsAgent({ keepAlive: true, timeout: KEPT_MS }),
})

/** `is: asked` are the requests that cost tokens: the book is about them alone. */
type Endpoint = { readonly is: 'asked' | 'beside'; readonly path: string }

const ASKED: Readonly<Record<Style, string>> = { anthropic: '/v1/messages', openai: '/v1/responses' }
const MODELS = /^\/v1\/models(\/(?!\.+$)[\w.:@-]+)?$/

const endpointOf = (style: Style, method: string, url: string): Endpoint | null => {
  const path = url.split('?', 1)[0]!
  if (method === 'POST' && path === ASKED[style]) return { is: 'asked', path: url }
  const isBeside =
    (method === 'GET' && MODELS.test(path)) ||
    (style === 'anthropic' && method === 'POST' && path === '/v1/messages/count_tokens')
  return isBeside ? { is: 'beside', path: url } : null
}

const credentialOf = ({ style, key }: Target): readonly [string, string] =>
  style === 'anthropic' ? ['x-api-key', key] : ['authorization', `Bearer ${key}`]

const troubleOf = ({ name, base }: Target, how: End): string | null => {
  const who = `the provider ${name} at ${base.host}`
  if (how.is === 'unreachable') return `The request did not reach ${who} (${how.code}).`
  return how.is === 'cut' ? `The answer of ${who} was cut off (${how.code}).` : null
}

const tooLarge = (limitBytes: number): string =>
  `A request to the model may have ${limitBytes} bytes, and this one has more.`

export function serveModel(door: OpenDoor, ways: Ways, incoming: IncomingMessage, response: ServerResponse): void {
  const { target } = door
  const endpoint = endpointOf(target.style, incoming.method ?? '', incoming.url ?? '')
  if (endpoint === null || isSmuggling(incoming)) {
    answer(response, 404, 'Only the model can be reached through this door.')
    return
  }
  const isAsked = endpoint.is === 'asked'
  const turnAway = (status: number, sentence: string) => {
    if (isAsked) door.troubled(sentence)
    answer(response, status, sentence)
  }
  const refusal = door.refusal()
  if (refusal !== null) {
    turnAway(400, refusal)
    return
  }
  if (Number(incoming.headers['content-length'] ?? 0) > ways.bodyLimitBytes) {
    turnAway(413, tooLarge(ways.bodyLimitBytes))
    return
  }

  let counter: Counter | null = null
  const isTls = target.base.protocol === 'https:'
  const abort = forward(incoming, response, {
    isTls,
    to: {
      host: target.base.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: target.base.port,
      path: target.base.pathname + endpoint.path.slice(1),
      headers: headersForModel(incoming.rawHeaders, {
        host: target.base.host,
        token: door.token,
        credential: credentialOf(target),
      }),
      agent: isTls ? ways.agents.https : ways.agents.http,
    },
    bodyLimitBytes: ways.bodyLimitBytes,
    connectTimeoutMs: ways.connectTimeoutMs,
    onAnswer({ statusCode = 0, headers }) {
      if (!isAsked) return
      counter = createCounter(target.style, headers['content-type'] ?? '')
      door.answered(statusCode, readRetryAfterMs(statusCode, headers, ways.clock.now()), counter)
    },
    onBytes: (bytes) => counter?.push(bytes),
    onEnd(how) {
      ended()
      const trouble = troubleOf(target, how)
      if (trouble !== null) ways.log.warn({ run: door.run, trouble }, 'a model did not answer a run')
      const sentence = how.is === 'too-large' ? tooLarge(ways.bodyLimitBytes) : trouble
      if (isAsked && sentence !== null) door.troubled(sentence)
      if (isAsked) door.settled(counter)
      if (how.is === 'aborted') answer(response, 400, door.refusal() ?? 'The run has ended.')
      else if (sentence !== null) answer(response, trouble === null ? 413 : 502, sentence)
    },
  })
  const ended = door.begin(abort)
  if (isAsked) door.asked()
}
