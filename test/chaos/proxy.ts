/** A connection that can be stalled: bytes stop both ways, nothing is closed; healing cuts the stalled connections. */
import { connect, createServer, type Server, type Socket } from 'node:net'

export interface StallableProxy {
  stall(): void
  heal(): void
  close(): Promise<void>
}

/** Listens on `from` (a socket path) and forwards to `to`. */
export async function startProxy(from: string, to: string): Promise<StallableProxy> {
  let stalled = false
  const sockets = new Set<Socket>()
  const pair = (client: Socket) => {
    const upstream = connect(to)
    for (const [a, b] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(a)
      a.on('data', (bytes) => void (stalled || b.write(bytes)))
      a.on('error', () => {})
      a.on('close', () => {
        sockets.delete(a)
        if (!stalled) b.destroy()
      })
    }
  }
  const server: Server = createServer(pair)
  await new Promise<void>((resolve) => server.listen(from, resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    stall: () => {
      stalled = true
    },
    heal: () => {
      stalled = false
      cut()
    },
    close: () => {
      cut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
