/** HTTP servers that know their visitors by token. */
import { createServer, type Server } from 'node:http'
import { answer, answerSocket } from './answers.ts'
import { shownToModel, shownToProxy } from './credentials.ts'
import type { OpenDoor } from './door.ts'
import { serveModel } from './model.ts'
import { type ProxyWays, servePlain, serveTunnel } from './proxy.ts'

/** More at once than an honest run has. */
const CONNECTIONS = 512
/** Between two requests a program may build and test for minutes. */
const KEPT_MS = 600_000

const WHO = 'This door opens to the token of a run that is under way, and the request did not show it.'

/** `doors` tells who may come in here now. */
export function createListener(doors: () => Iterable<OpenDoor>, ways: ProxyWays): Server {
  const find = (shown: readonly string[]): OpenDoor | undefined =>
    // All are tried, so that the time tells nothing.
    [...doors()].filter((door) => door.admits(shown))[0]
  const failed = (run: string, end: () => void) => (error: unknown) => {
    ways.log.error({ run, error }, 'a request of a run could not be handled')
    end()
  }
  const server = createServer({ keepAliveTimeout: KEPT_MS }, (incoming, response) => {
    const isPlain = /^http:/i.test(incoming.url ?? '')
    const door = find(isPlain ? shownToProxy(incoming.headers) : shownToModel(incoming.headers))
    if (door === undefined) {
      answer(response, isPlain ? 407 : 401, WHO)
      return
    }
    const fail = failed(door.run, () => answer(response, 502, 'The request could not be handled.'))
    try {
      if (isPlain) servePlain(door, ways, incoming, response).catch(fail)
      else serveModel(door, ways, incoming, response)
    } catch (error) {
      fail(error)
    }
  })
  server.on('connect', (incoming, socket, head) => {
    socket.on('error', () => {})
    const door = find(shownToProxy(incoming.headers))
    if (door === undefined) {
      answerSocket(socket, 407, 'Proxy Authentication Required', WHO)
      return
    }
    serveTunnel(door, ways, incoming, socket, head).catch(failed(door.run, () => socket.destroy()))
  })
  server.on('error', (error) => ways.log.warn({ error }, 'the gateway could not take a connection'))
  server.maxConnections = CONNECTIONS
  return server
}

/** Shuts it at once, whoever is connected; resolves when no connection is left. */
export const closeListener = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
