/** The way to other hosts: a connection through to a TLS port, and plain fetching; both by the run's list alone. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type LookupFunction } from 'node:net'
import type { Duplex } from 'node:stream'
import { answer, answerSocket } from './answers.ts'
import type { OpenDoor } from './door.ts'
import { type AllowList, type Place, placeOf, type Resolve } from './egress.ts'
import { forward, isSmuggling } from './forward.ts'
import { headersForHost } from './headers.ts'
import type { Ways } from './model.ts'

export interface ProxyWays extends Ways {
  readonly resolve: Resolve
}

type Route = { readonly lookup: LookupFunction } | { readonly status: 403 | 502; readonly why: string }

/** Where the way leads, or why there is none. The lookup that comes with it knows the checked addresses and no others. */
const findRoute = async (door: OpenDoor, ways: ProxyWays, place: Place | null, list: AllowList): Promise<Route> => {
  const refusal = door.refusal()
  if (refusal !== null) return { status: 403, why: refusal }
  const shown = place === null ? 'This place' : `${place.host}:${place.port}`
  const refuse = (why: string): Route => {
    ways.log.info({ run: door.run, place: shown }, 'a run was kept from a host')
    return { status: 403, why }
  }
  if (place === null || !list.has(place)) return refuse(`${shown} is not on the list of hosts that this run may reach.`)
  try {
    const addresses = await list.addresses(place.host, ways.resolve)
    if (addresses.length === 0)
      return refuse(`${shown} is an address of this machine or its network, which must be on the list itself.`)
    const lookup: LookupFunction = (_host, options, done) =>
      options.all === true ? done(null, [...addresses]) : done(null, addresses[0]!.address, addresses[0]!.family)
    return { lookup }
  } catch (error) {
    return { status: 502, why: `${shown} was not found (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).` }
  }
}

/** CONNECT. Nothing is read of what passes. */
export async function serveTunnel(
  door: OpenDoor,
  ways: ProxyWays,
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const place = placeOf(incoming.url ?? '', 443)
  const leave = door.begin(() => socket.destroy())
  socket.on('close', leave)
  const route = await findRoute(door, ways, place, door.allowed.tunnel)
  if (socket.destroyed) return
  if ('why' in route) {
    answerSocket(socket, route.status, route.status === 403 ? 'Forbidden' : 'Bad Gateway', route.why)
    return
  }

  let isThrough = false
  const outer = connect({ host: place!.host, port: place!.port, lookup: route.lookup })
  socket.on('close', () => outer.destroy())
  outer.setTimeout(ways.connectTimeoutMs, () =>
    outer.destroy(Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' })),
  )
  outer.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (isThrough) socket.destroy()
    else answerSocket(socket, 502, 'Bad Gateway', `${place!.host}:${place!.port} could not be reached (${code}).`)
  })
  outer.on('connect', () => {
    isThrough = true
    outer.setTimeout(0)
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    outer.write(head)
    socket.pipe(outer)
    outer.pipe(socket)
  })
}

/** A request with a whole address in its first line: fetching without TLS. */
export async function servePlain(
  door: OpenDoor,
  ways: ProxyWays,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { groups } = /^http:\/\/(?<authority>[^/?#]*)(?<path>.*)$/i.exec(incoming.url ?? '') ?? {}
  const place = placeOf(groups?.authority ?? '', 80)
  if ((incoming.method !== 'GET' && incoming.method !== 'HEAD') || isSmuggling(incoming)) {
    answer(response, 403, 'Without TLS a run may only fetch from other hosts (GET and HEAD, no body).')
    return
  }
  const leave = door.begin(() => response.destroy())
  const route = await findRoute(door, ways, place, door.allowed.plain)
  leave()
  if (response.destroyed) return
  if ('why' in route) {
    answer(response, route.status, route.why)
    return
  }
  const path = groups?.path ?? ''
  const abort = forward(incoming, response, {
    isTls: false,
    to: {
      host: place!.host,
      port: place!.port,
      path: path.startsWith('/') ? path : `/${path}`,
      headers: headersForHost(incoming.rawHeaders, groups!.authority!, door.token),
      lookup: route.lookup,
      agent: false,
    },
    bodyLimitBytes: ways.bodyLimitBytes,
    connectTimeoutMs: ways.connectTimeoutMs,
    onAnswer: () => {},
    onBytes: () => {},
    onEnd(how) {
      ended()
      if (how.is === 'complete' || how.is === 'left') return
      const code = 'code' in how ? how.code : how.is
      answer(
        response,
        how.is === 'aborted' ? 403 : 502,
        `${place!.host}:${place!.port} could not be reached (${code}).`,
      )
    },
  })
  const ended = door.begin(abort)
}
