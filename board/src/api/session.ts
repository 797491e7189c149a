import type { Client } from './client.ts'

const LOGIN = /^#login=(.+)$/

/**
 * Takes a one-time code out of the page's address, at once and before anything else reads it, so that it stays neither
 * in the history nor in the router.
 */
export function takeLoginCode(window: Window): string | null {
  const code = LOGIN.exec(window.location.hash)?.[1] ?? null
  if (code !== null)
    window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search)
  return code === null ? null : decoded(code)
}

/** @throws {Problem} with the server's sentence when the code was used before or has expired. */
export const openSession = (client: Client, code: string): Promise<void> => client.post('/api/session', { code })

function decoded(code: string): string {
  try {
    return decodeURIComponent(code)
  } catch {
    return code
  }
}
