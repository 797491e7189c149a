/** One stream of server-sent events over a Fastify reply. */
import type { FastifyReply, FastifyRequest } from 'fastify'

export interface Stream {
  send(event: string, data: unknown, id?: number): void
  isClosed(): boolean
  close(): void
  onClose(listener: () => void): void
}

const HEARTBEAT_MS = 15_000

export function openStream(request: FastifyRequest, reply: FastifyReply): Stream {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'keep-alive',
    'x-accel-buffering': 'no',
  })
  raw.write(': open\n\n')
  const heartbeat = setInterval(() => raw.write(': \n\n'), HEARTBEAT_MS)
  const listeners: (() => void)[] = []
  let closed = false
  const end = () => {
    if (closed) return
    closed = true
    clearInterval(heartbeat)
    for (const listener of listeners) listener()
  }
  request.raw.on('close', end)
  raw.on('error', end)
  return {
    send(event, data, id) {
      if (!closed)
        raw.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    },
    isClosed: () => closed,
    close() {
      end()
      raw.end()
    },
    onClose: (listener) => void listeners.push(listener),
  }
}
