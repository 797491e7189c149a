/** A program that runs as it is: found and ended by what the process table tells of its descendants. */
import { type ChildProcess, spawn } from 'node:child_process'
import type { ProcessSpec } from '../../engine/ports/processes.ts'
import { readNew } from './identity.ts'
import { findTree } from './table.ts'
import type { Tree } from './tree.ts'
import { hasInput, signal } from './tree.ts'

// Nobody starts so many processes in this time that their numbers begin anew and come by again.
const YOUNG_MS = 250

/** `mark` is `NAME=value`, put into the program's environment to know its descendants by. */
export const openTree = (spec: ProcessSpec, mark: string): Tree => {
  const [name, value] = mark.split('=') as [string, string]
  const startedAt = performance.now()
  const child: ChildProcess = spawn(spec.argv[0], spec.argv.slice(1), {
    cwd: spec.cwd,
    env: { ...spec.env, [name]: value },
    detached: true,
    stdio: [hasInput(spec) ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  })
  const row = readNew(child.pid)
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    child,
    refusal: () => null,
    isUnderWay: () => !hasEnded(),
    terminate() {
      if (child.pid !== undefined && !hasEnded()) signal(child.pid, 'SIGTERM')
    },
    killRemaining() {
      if (child.pid === undefined) return 0
      if (row === null) {
        // No process table (not Linux), or it ended before it was read: its process group is all there is to go by.
        signal(-child.pid, 'SIGKILL')
        return hasEnded() ? 0 : 1
      }
      const tree = findTree(row, mark, performance.now() - startedAt < YOUNG_MS)
      for (const member of tree) signal(member.pid, 'SIGKILL')
      return tree.length
    },
  }
}
