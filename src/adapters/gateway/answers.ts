/** Answers of our own. */
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

const KINDS: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  502: 'api_error',
}
/** The other side's trouble may pass; ours is a decision. */
const MAY_BE_TRIED_AGAIN = 502

/** Both providers' programs read an error in this form. Does nothing but hang up where an answer has begun. */
export function answer(response: ServerResponse, status: number, sentence: string): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const error = { type: KINDS[status] ?? 'api_error', message: sentence, code: null, param: null }
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(status === MAY_BE_TRIED_AGAIN ? {} : { 'x-should-retry': 'false' }),
    ...(status === 407 ? { 'proxy-authenticate': 'Basic realm="orch"' } : {}),
  })
  response.end(JSON.stringify({ type: 'error', error }))
}

/** The same for a wish to be connected through, whose socket is bare. */
export function answerSocket(socket: Duplex, status: number, reason: string, sentence: string): void {
  const challenge = status === 407 ? 'Proxy-Authenticate: Basic realm="orch"\r\n' : ''
  const body = `${sentence}\n`
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\n${challenge}Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
