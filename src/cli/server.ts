/** Finds the Orch that a command speaks to, and the token that it may write with. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '#core/errors.ts'
import { UsageError } from './exit.ts'
import type { Shell } from './shell.ts'

export interface Server {
  readonly url: string
  /** Whether it was found by its own announcement, and not named by the person. */
  readonly announced: boolean
  /** null where there is none. @throws {UserError} where there is one that others could read too. */
  token(): string | null
}

/** Where the configuration that counts here keeps Orch's data; null where there is no configuration. */
export type Locate = (config: string | undefined) => string | null

/**
 * `--server`, else `ORCH_SERVER`, else what Orch itself wrote into its data folder.
 * @throws {UserError} where none of them leads to a server. @throws {UsageError} where what was named is no address.
 */
export function findServer(
  named: { readonly server?: string; readonly config?: string },
  locate: Locate,
  { env, isAlive }: Pick<Shell, 'env' | 'isAlive'>,
): Server {
  const address = named.server ?? (env.ORCH_SERVER || undefined)
  const dataDir = address === undefined ? locate(named.config) : locateCalmly(locate, named.config)
  const announced = dataDir === null ? null : announcement(join(dataDir, 'server.json'), isAlive)
  const fileToken = () => (dataDir === null ? null : readToken(join(dataDir, 'token')))
  if (address !== undefined) {
    const url = addressOf(address)
    // The token opens this one server and is shown to no other.
    const isOurs = announced !== null && new URL(announced).origin === new URL(url).origin
    return { url, announced: false, token: () => env.ORCH_TOKEN || (isOurs ? fileToken() : null) }
  }
  if (dataDir === null)
    throw new UserError(
      'Orch is not running here: there is no orch.config.yaml in this folder or above it. Write one with `orch init`, or name a server with --server.',
    )
  if (announced === null) throw new UserError(NOT_RUNNING)
  return { url: announced, announced: true, token: () => env.ORCH_TOKEN || fileToken() }
}

export const NOT_RUNNING = 'Orch is not running here; start it with `orch up`.'

/** A person who names a server does not need a configuration, not even a good one. */
const locateCalmly = (locate: Locate, config: string | undefined): string | null => {
  if (config !== undefined) return locate(config)
  try {
    return locate(config)
  } catch {
    return null
  }
}

function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new UsageError(`"${text}" is not the address of a server; it looks like http://127.0.0.1:4777`)
  return url.href.replace(/[?#].*$/, '').replace(/\/$/, '')
}

/** The address in the file that a running Orch keeps; null where it is missing, unreadable, or its process is gone. */
function announcement(path: string, isAlive: Shell['isAlive']): string | null {
  try {
    const { url, pid } = JSON.parse(readFileSync(path, 'utf8')) as { url?: unknown; pid?: unknown }
    return typeof url === 'string' && typeof pid === 'number' && isAlive(pid) ? addressOf(url) : null
  } catch {
    return null
  }
}

function readToken(path: string): string | null {
  try {
    if ((statSync(path).mode & 0o077) !== 0)
      throw new UserError(
        `Other users can read the token in ${path}, so it is no secret any more; stop Orch, delete that file, and start Orch again.`,
      )
    return readFileSync(path, 'utf8').trim() || null
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown
    return null
  }
}
