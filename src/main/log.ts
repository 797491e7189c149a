/** The log: one JSON line an event, with a constant message and fields; errors with their stack. */

import pino from 'pino'
import type { Log } from '#engine/ports/world.ts'

/** `to` is a file, or standard error where it is null. */
export function createLog({ to, level }: { readonly to: string | null; readonly level: string }): Log {
  const destination = pino.destination({ dest: to ?? 2, sync: true, mkdir: true })
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
