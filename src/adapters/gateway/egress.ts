/**
 * Which other hosts a run may reach. The list holds `registry.example.org`, `*.example.org` (everything below it, not
 * itself), and addresses; each with `:port` where it is not the usual one. A name is good only for public addresses:
 * one of this machine or its network must be on the list itself. The address that was checked is the one connected to, so
 * that a name which answers differently the next time gains nothing.
 */
import type { LookupAddress } from 'node:dns'
import { BlockList, isIP } from 'node:net'

export type Resolve = (host: string) => Promise<readonly LookupAddress[]>

export interface Place {
  readonly host: string
  readonly port: number
}

export interface AllowList {
  has(place: Place): boolean
  /** The host's addresses that may be connected to; throws what `resolve` throws. */
  addresses(host: string, resolve: Resolve): Promise<readonly LookupAddress[]>
}

/** IANA's special-purpose registries, and multicast. In IPv6 only what is listed as public is public. */
const SPECIAL_V4 =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4'
const PUBLIC_V6 = '2000::/3'
const SPECIAL_V6 = '2001::/23 2001:db8::/32 2002::/16 3fff::/20'

const listOf = (networks: string, family: 'ipv4' | 'ipv6'): BlockList => {
  const list = new BlockList()
  for (const network of networks.split(' ')) {
    const [address, bits] = network.split('/') as [string, string]
    list.addSubnet(address, Number(bits), family)
  }
  return list
}

const SPECIAL = { v4: listOf(SPECIAL_V4, 'ipv4'), v6: listOf(SPECIAL_V6, 'ipv6') }
const PUBLIC = listOf(PUBLIC_V6, 'ipv6')

/** Whether the address belongs to the open network; false for what is no address. */
export const isPublic = (address: string): boolean => {
  if (isIP(address) === 4) return !SPECIAL.v4.check(address, 'ipv4')
  return isIP(address) === 6 && PUBLIC.check(address, 'ipv6') && !SPECIAL.v6.check(address, 'ipv6')
}

/** `host[:port]` in one spelling (lower case, plain addresses, no last dot, no brackets); null for what is none. */
export const placeOf = (text: string, usualPort: number): Place | null => {
  const bracketed = isIP(text) === 6 ? `[${text}]` : text
  if (!/^(\[[\da-f:.]+\]|[^\s/?#@\\:[\]]+)(:\d{1,5})?$/i.test(bracketed)) return null
  try {
    const { hostname } = new URL(`http://${bracketed}`)
    const port = /:(\d+)$/.exec(bracketed.replace(/^\[.*\]/, ''))?.[1]
    return { host: hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, ''), port: Number(port ?? usualPort) }
  } catch {
    return null
  }
}

/** Entries that cannot be read allow nothing. `usualPort` holds for entries without one. */
export const createAllowList = (entries: readonly string[], usualPort: number): AllowList => {
  const places = entries.map((entry) => placeOf(entry, usualPort)).filter((place) => place !== null)
  const isNamed = (address: string): boolean => places.some(({ host }) => host === placeOf(address, 0)?.host)
  const covers = (pattern: string, host: string): boolean =>
    /^\*\.[^*]+$/.test(pattern) ? host.endsWith(pattern.slice(1)) : pattern === host
  return {
    has: ({ host, port }) => places.some((place) => place.port === port && covers(place.host, host)),
    async addresses(host, resolve) {
      const family = isIP(host)
      const found = family === 0 ? await resolve(host) : [{ address: host, family }]
      return found.filter(({ address }) => isPublic(address) || isNamed(address))
    },
  }
}
