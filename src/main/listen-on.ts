/** Opens the port; a port in use is a sentence, not a stack. */
import { UserError } from '#core/errors.ts'
import type { App } from '../web/app.ts'

/** Resolves with the address that was opened. Throws UserError where it cannot be. */
export async function listenOn(
  app: App,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    const address = await app.listen({ host, port })
    return address.replace('[::]', 'localhost').replace('0.0.0.0', 'localhost')
  } catch (thrown) {
    const { code } = thrown as { code?: string }
    if (code === 'EADDRINUSE')
      throw new UserError(
        `Port ${port} on ${host} is in use; stop what listens there, or set server.port (ORCH_SERVER_PORT) to another, 0 for any free one.`,
      )
    if (code === 'EACCES')
      throw new UserError(
        `Port ${port} may not be opened by this user; set server.port (ORCH_SERVER_PORT) to one above 1023.`,
      )
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new UserError(
        `${host} is not an address of this machine; set server.host (ORCH_SERVER_HOST) to one, 127.0.0.1 for this machine alone.`,
      )
    throw thrown
  }
}
