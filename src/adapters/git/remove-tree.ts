/** Removes a folder that somebody else filled. */
import { lstat } from 'node:fs/promises'
import { TransientError } from '../../core/errors.ts'
import type { Processes } from '../../engine/ports/processes.ts'

// rm knows any depth and any name and follows no link; what its owner made unwritable it refuses at first.
const SCRIPT = 'rm -rf -- "$1" 2>/dev/null || { chmod -R u+rwX -- "$1" 2>/dev/null; rm -rf -- "$1"; }'
const TIMEOUT_MS = 10 * 60_000

/** Nothing happens where there is nothing. @throws {TransientError} when something is left. */
export const removeTree = async (
  processes: Processes,
  env: Readonly<Record<string, string | undefined>>,
  path: string,
): Promise<void> => {
  if ((await lstat(path).catch(() => null)) === null) return
  const result = await processes.start({
    argv: ['sh', '-c', SCRIPT, 'sh', path],
    cwd: '/',
    env: env.PATH === undefined ? {} : { PATH: env.PATH },
    sandbox: { is: 'off' },
    timeoutMs: TIMEOUT_MS,
    graceMs: 0,
    tailBytes: 500,
  }).result
  if (result.ended !== 'exited' || result.code !== 0)
    throw new TransientError(`The folder ${path} could not be removed (${result.tail.trim() || result.ended}).`)
}
