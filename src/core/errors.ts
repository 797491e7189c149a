/**
 * An error written for the person who reads it: one sentence that names the thing, the place and the next step.
 * Everything that is thrown and is not a UserError or a TransientError is a bug and is shown with its stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError'
}

/** A failure that may be gone on the next try (network, overload, a server of ours restarting). */
export class TransientError extends Error {
  override readonly name = 'TransientError'
  /** What the other side asked us to wait, in milliseconds; undefined where it said nothing. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.retryAfterMs = options.retryAfterMs
  }
}

/** The text of anything thrown, on one line, without a stack. */
export const sentenceOf = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message || thrown.name : String(thrown)).replace(/\s+/g, ' ').trim()

/** For the `default` of a switch over a closed union: a forgotten case is a compile error, and a crash if it gets here. */
export const unreachable = (value: never): never => {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`)
}
