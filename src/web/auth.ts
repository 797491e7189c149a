/**
 * Who may write. Reading on loopback is free; every write needs the token of the 0600 file, or the cookie that a
 * one-time link was exchanged for, and a cookie counts only for requests of our own pages.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'

export interface Access {
  readonly token: string
  /** Name under which the holder acts. */
  readonly person: string
}

export const COOKIE = 'orch_session'
const CODE_LIFE_MS = 15 * 60_000

export interface Sessions {
  /** A code for one login, valid for a quarter of an hour. */
  issueCode(now: number): string
  /** The session's secret for a good code, once; null for any other. */
  exchange(code: string, now: number): string | null
  isValid(secret: string | undefined): boolean
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Compares in constant time, whatever the lengths. */
export const sameSecret = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

/** Sessions derive from the token, so that they outlive a restart and end when the token is replaced. */
export function createSessions(token: string): Sessions {
  const codes = new Map<string, number>()
  const secret = createHash('sha256').update(`session:${token}`).digest('base64url')
  return {
    issueCode(now) {
      const code = randomBytes(24).toString('base64url')
      codes.set(code, now + CODE_LIFE_MS)
      return code
    },
    exchange(code, now) {
      const until = codes.get(code)
      codes.delete(code)
      for (const [old, end] of codes) if (end < now) codes.delete(old)
      return until !== undefined && until >= now ? secret : null
    },
    isValid: (given) => given !== undefined && sameSecret(given, secret),
  }
}

/** Only our own name and loopback's: another name that resolves here is a rebinding attack. */
export function isOwnHost(host: string | undefined, listening: string): boolean {
  const name = (host ?? '').replace(/:[0-9]+$/, '').toLowerCase()
  return ['localhost', '127.0.0.1', '[::1]', listening.toLowerCase()].includes(name)
}

export type Permission = 'token' | 'cookie' | null

export function permissionOf(request: FastifyRequest, access: Access, sessions: Sessions): Permission {
  const header = request.headers.authorization ?? ''
  const bearer = /^Bearer (.+)$/.exec(header)?.[1]
  if (bearer !== undefined) return sameSecret(bearer, access.token) ? 'token' : null
  return sessions.isValid(request.cookies[COOKIE]) ? 'cookie' : null
}

/** A cookie is sent by any page's request; only our own pages may use it to write. */
export const isSameOrigin = (request: FastifyRequest): boolean => {
  const { origin, host } = request.headers
  if (origin === undefined) return request.headers['sec-fetch-site'] === 'same-origin'
  try {
    return new URL(origin).host === host
  } catch {
    return false
  }
}
