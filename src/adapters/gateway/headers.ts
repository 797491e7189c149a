/** Which headers pass. Lists are as Node has them raw: name, value, name, value. */

/** They concern one connection, not the message (RFC 9110, 7.6.1). */
const ONE_HOP: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade'],
])
/** Made anew for the next hop, or not the next hop's business. */
const OURS: ReadonlySet<string> = new Set(['host', 'accept-encoding', 'expect', 'cookie', 'x-api-key', 'authorization'])

const pairs = (raw: readonly string[]): [name: string, value: string][] =>
  Array.from({ length: raw.length / 2 }, (_, at) => [raw[at * 2]!, raw[at * 2 + 1]!])

const passing = (raw: readonly string[], isKept: (name: string, value: string) => boolean): string[] => {
  const all = pairs(raw)
  const named = all
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(',').map((name) => name.trim().toLowerCase()))
  return all
    .filter(([name, value]) => {
      const lower = name.toLowerCase()
      return !ONE_HOP.has(lower) && !named.includes(lower) && isKept(lower, value)
    })
    .flat()
}

/** For the provider: nothing by which the run showed itself, and the real key. */
export const headersForModel = (
  raw: readonly string[],
  to: { readonly host: string; readonly token: string; readonly credential: readonly [name: string, value: string] },
): string[] => [
  ...['host', to.host],
  ...passing(raw, (name, value) => !OURS.has(name) && !value.includes(to.token)),
  ...['accept-encoding', 'identity'],
  ...to.credential,
]

/** For another host: as the program said it, but for the run's token. */
export const headersForHost = (raw: readonly string[], host: string, token: string): string[] => [
  ...['host', host],
  ...passing(raw, (name, value) => name !== 'host' && !value.includes(token)),
]

/** Back to the run. Cookies would tell of the account. */
export const headersForRun = (raw: readonly string[]): string[] => passing(raw, (name) => name !== 'set-cookie')
