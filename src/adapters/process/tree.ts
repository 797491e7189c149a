/** A started program with everything that came of it. */
import type { ChildProcess } from 'node:child_process'

export interface Tree {
  readonly child: ChildProcess
  /** Why the program itself was never started although `child` was; null otherwise. */
  refusal(): string | null
  /** Asks the program to end (SIGTERM). */
  terminate(): void
  /** Kills everything that still lives, and tells how many that were: 0 is the proof that nothing is left. */
  killRemaining(): number
}

/** A process that is gone by now, or not ours to signal, is no error. */
export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch {}
}
