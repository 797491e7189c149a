/**
 * The port `Gateway`. A run in a sandbox has no network: it reaches a UNIX socket of its own in a folder that it is shown,
 * through a small program that stands between its loopback and the socket. A run without one comes by loopback, where
 * nobody is answered while no such run is under way. Connections to the outside are made directly: no `HTTPS_PROXY` is
 * heeded, and TLS trusts what this Node trusts.
 */
import { lookup } from 'node:dns/promises'
import { chmodSync, mkdirSync, realpathSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UserError } from '#core/errors.ts'
import type { Door, Gateway } from '#engine/ports/gateway.ts'
import type { Clock, Ids, Log } from '#engine/ports/world.ts'
import { createDoor, type OpenDoor, type Provider, type Target } from './door.ts'
import type { Resolve } from './egress.ts'
import { prepareFolder, removeLeftovers, socketIn } from './folder.ts'
import { closeListener, createListener } from './listeners.ts'
import { createAgents } from './model.ts'

export type { Provider } from './door.ts'

export interface GatewayOptions {
  /** Private folder for sockets, made where it is missing; may be shared with other processes of the same owner. */
  readonly dir: string
  /** Taken instead where `dir` is too long a name for a socket. */
  readonly tmpDir: string
  /** By name. Read whenever a door is opened. */
  readonly providers: () => Readonly<Record<string, Provider>>
  /** Absolute path of a Node that runs TypeScript. */
  readonly node: string
  /** Tokens are made of its UUIDs: they must not be guessable. */
  readonly ids: Ids
  readonly clock: Clock
  readonly log: Log
  /** Addresses of a host name; the system's own way where absent. */
  readonly resolve?: Resolve
  /** How long a connection to a provider or another host may take; 30 s where absent. */
  readonly connectTimeoutMs?: number
}

export interface RunningGateway extends Gateway {
  /** Before the first door is opened. */
  start(): Promise<void>
  /** Shuts all doors; resolves when no connection is left. */
  close(): Promise<void>
}

const FORWARDER = fileURLToPath(new URL('./forwarder.mts', import.meta.url))
/** Where the forwarder listens. Each sandbox has a loopback of its own, so one number will do; below those of chance. */
const PORT_INSIDE = 11_873
const BODY_LIMIT_BYTES = 64 * 1024 * 1024

export function createGateway(options: GatewayOptions): RunningGateway {
  const { clock, ids, log } = options
  const node = realpathSync(options.node)
  const agents = createAgents()
  const ways = {
    clock,
    log,
    agents,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    connectTimeoutMs: options.connectTimeoutMs ?? 30_000,
    resolve: options.resolve ?? ((host: string) => lookup(host, { all: true })),
  }
  const opened = new Set<() => Promise<void>>()
  const unsandboxed = new Set<OpenDoor>()
  let home: string | null = null
  const loopback = createListener(() => unsandboxed, ways)
  loopback.prependListener('connection', (socket) => {
    if (unsandboxed.size === 0) socket.destroy()
  })

  /** A socket of the run's own, which no other run sees. */
  const openInside = (door: OpenDoor, base: string): Entrance => {
    const folder = join(base, ids.uuid().slice(0, 8))
    const path = socketIn(folder)
    mkdirSync(folder, { mode: 0o700 })
    const server = createListener(() => [door], ways)
    server.listen(path)
    if (!server.listening) throw new Error(`no socket could be opened in ${folder}`)
    chmodSync(path, 0o600)
    return {
      authority: `127.0.0.1:${PORT_INSIDE}`,
      wrap: (argv) => [node, FORWARDER, path, String(PORT_INSIDE), ...argv],
      readable: [folder, dirname(FORWARDER), dirname(node)],
      async close() {
        const closed = closeListener(server)
        rmSync(folder, { recursive: true, force: true })
        await closed
      },
    }
  }
  const openLoopback = (door: OpenDoor): Entrance => {
    unsandboxed.add(door)
    return {
      authority: `127.0.0.1:${(loopback.address() as AddressInfo).port}`,
      wrap: (argv) => argv,
      readable: [],
      async close() {
        unsandboxed.delete(door)
        if (unsandboxed.size === 0) loopback.closeAllConnections()
      },
    }
  }

  return {
    async start() {
      const base = prepareFolder(options.dir, options.tmpDir)
      await removeLeftovers(base)
      await new Promise<void>((resolve, reject) => {
        loopback.once('error', reject)
        // A door opens at once and names its address: the number must be known by then.
        loopback.listen(0, '127.0.0.1', () => {
          loopback.off('error', reject)
          resolve()
        })
      })
      home = base
    },

    open({ run, provider, sandbox, egress, onUsage }) {
      if (home === null) throw new Error('the gateway is not running')
      const target = targetOf(provider, options.providers())
      const token = `orch-${ids.uuid()}-${ids.uuid()}`
      const door = createDoor({ run, token, target, egress, onUsage, log })
      const { authority, wrap, readable, close } = sandbox === 'on' ? openInside(door, home) : openLoopback(door)
      const shut = async () => {
        opened.delete(shut)
        door.shut()
        await close()
      }
      opened.add(shut)
      return {
        url: `http://${authority}`,
        token,
        proxy: egress.length === 0 ? null : `http://orch:${token}@${authority}`,
        wrap,
        readable,
        ledger: door.ledger,
        refuse: door.refuse,
        close: () => void shut(),
      }
    },

    async close() {
      home = null
      await Promise.all([...opened].map((shut) => shut()))
      if (loopback.listening) await closeListener(loopback)
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

/** How a run comes in. */
interface Entrance extends Pick<Door, 'wrap' | 'readable'> {
  readonly authority: string
  close(): Promise<void>
}

function targetOf(name: string, providers: Readonly<Record<string, Provider>>): Target {
  const provider = Object.hasOwn(providers, name) ? providers[name] : undefined
  if (provider === undefined || provider.key === '')
    throw new UserError(`There is no key for the model provider "${name}": set one for it, and start the task again.`)
  // It becomes part of a header; the message must not hold it.
  if (!/^[\x21-\x7e]+$/.test(provider.key))
    throw new UserError(
      `The key of the model provider "${name}" holds characters that no key has (a space, a line's end?): set it anew.`,
    )
  const url = URL.parse(provider.upstream)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username + url.password + url.search + url.hash !== '')
    throw new UserError(
      `The address of the model provider "${name}" must be http:// or https:// with a host and at most a path: correct it.`,
    )
  // The way people write it for other programs, which add the rest to it.
  const base = new URL(`${url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')}/`, url.origin)
  return { name, style: provider.style, key: provider.key, base }
}
