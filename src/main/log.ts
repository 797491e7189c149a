/** The log: one JSON line an event, with a constant message and fields; errors with their stack. */

import pino from 'pino'
import { UserError } from '#core/errors.ts'
import type { Log } from '#engine/ports/world.ts'

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/**
 * `to` is a file, or standard error where it is null. What cannot be written (the disk is full, the terminal is gone)
 * is lost, and Orch goes on. @throws {UserError} for a level that there is not, or a file that cannot be opened.
 */
export function createLog({ to, level }: { readonly to: string | null; readonly level: string }): Log {
  if (!LEVELS.includes(level))
    throw new UserError(
      `ORCH_LOG_LEVEL cannot be ${JSON.stringify(level.slice(0, 40))}; it is one of ${LEVELS.join(', ')}.`,
    )
  const destination = destinationOf(to)
  destination.on('error', () => {})
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: pino.stdSerializers.err },
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  )
}

/** Characters that wait for room on the disk; what comes when there are more is dropped. */
const WAITING_MAX = 1024 * 1024

function destinationOf(to: string | null): ReturnType<typeof pino.destination> {
  try {
    return pino.destination({ dest: to ?? 2, sync: true, mode: 0o600, maxLength: WAITING_MAX })
  } catch (thrown) {
    throw new UserError(
      `The log ${to} cannot be written (${(thrown as NodeJS.ErrnoException).code ?? String(thrown)}); make room there or make it writable, and start again.`,
    )
  }
}
