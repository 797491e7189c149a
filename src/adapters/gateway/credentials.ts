/** How a run shows that it is the one: its token, in each of the places where programs put a key. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
const bearer = (value: string | undefined): string | undefined => /^bearer +(\S+)$/i.exec(value ?? '')?.[1]

/** What a request to the model shows. */
export const shownToModel = (headers: IncomingHttpHeaders): readonly string[] =>
  [[headers['x-api-key']].flat()[0], bearer(headers.authorization)].filter((shown) => shown !== undefined)

/** What a request to the proxy shows: the password of an address with user and password, or a bearer. */
export const shownToProxy = (headers: IncomingHttpHeaders): readonly string[] => {
  const value = headers['proxy-authorization']
  const basic = /^basic +([\w+/=-]+)$/i.exec(value ?? '')?.[1]
  const password = basic === undefined ? undefined : /^[^:]*:(.*)$/s.exec(Buffer.from(basic, 'base64').toString())?.[1]
  return [bearer(value), password].filter((shown) => shown !== undefined)
}

/** Takes the same time whatever is shown. */
export const createCheck = (token: string): ((shown: readonly string[]) => boolean) => {
  const wanted = digest(token)
  return (shown) => shown.map((one) => timingSafeEqual(digest(one), wanted)).includes(true)
}
