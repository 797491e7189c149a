/** How a command ends. Scripts rely on these numbers; 64 and 69 are those of sysexits(3). */
export const EXIT = {
  ok: 0,
  failed: 1,
  inconclusive: 2,
  usage: 64,
  notThere: 69,
} as const

/** The command line itself is wrong. One sentence, shown with where help is. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A command that is promised and does nothing yet. */
export class NotThereYet extends Error {
  override readonly name = 'NotThereYet'
}
