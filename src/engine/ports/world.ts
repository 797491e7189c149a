/** Time, chance and log, handed in so that nothing else in the engine reads them from the machine. */
import type { Millis } from '#core/words.ts'

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): Millis
  /** Resolves after `ms`, or at once with the signal's abort; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export interface Ids {
  /** A fresh UUID. */
  uuid(): string
}

/** Structured log. Messages are constant sentences; what varies goes into the fields. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
