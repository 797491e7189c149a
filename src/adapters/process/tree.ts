/** A started program with everything that came of it. */
import type { ChildProcess } from 'node:child_process'
import type { ProcessSpec } from '../../engine/ports/processes.ts'

export interface Tree {
  readonly child: ChildProcess
  /** Why the program itself was never started although `child` was; null otherwise. */
  refusal(): string | null
  /** Whether the program itself is there to be talked to; false while its isolation is still being made. */
  isUnderWay(): boolean
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

/** Whether the program gets an input of its own; it finds an empty one otherwise. */
export const hasInput = ({ stdin, keepInput }: Pick<ProcessSpec, 'stdin' | 'keepInput'>): boolean =>
  stdin !== undefined || keepInput === true
