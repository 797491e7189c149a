/** A program in namespaces of its own: the kernel ends the whole tree with the namespace's first process. */
import { spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { isRunning, type ProcessRow } from './identity.ts'
import { childrenOf } from './table.ts'
import { signal, type Tree } from './tree.ts'

/** `command` as `sandboxed` makes it. */
export const sandboxedTree = (
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  hasStdin: boolean,
): Tree => {
  const child = spawn(command[0]!, command.slice(1), {
    cwd: '/',
    env,
    detached: true,
    stdio: [hasStdin ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe'],
  })
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  let said = ''
  let first: ProcessRow | null = null
  let hasStarted = false

  const control = child.stdio[3] as Duplex
  control.on('error', () => {})
  control.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
    if (!said.startsWith('ready\n') || hasStarted) return
    first = childrenOf(child.pid!)[0] ?? null
    hasStarted = true
    control.write('go\n')
  })

  const terminate = (): void => {
    if (child.pid === undefined || hasEnded()) return
    const programs = hasStarted && first !== null ? childrenOf(first.pid) : []
    for (const program of programs) signal(program.pid, 'SIGTERM')
    // As long as there is only our own set-up, nobody has to be asked.
    if (programs.length === 0) killRemaining()
  }
  const killRemaining = (): number => {
    if (child.pid === undefined) return 0
    first ??= hasEnded() ? null : (childrenOf(child.pid)[0] ?? null)
    const isOuterAlive = !hasEnded()
    const isFirstAlive = first !== null && isRunning(first)
    // The outer one first: it would take the other's end for a failure of its own and say so.
    if (isOuterAlive) signal(child.pid, 'SIGKILL')
    if (isFirstAlive) signal(first!.pid, 'SIGKILL')
    // The first one counts as running until the kernel has ended everyone else in the namespace.
    return (isFirstAlive ? 1 : 0) + (isOuterAlive ? 1 : 0)
  }
  return {
    child,
    refusal: () => (hasStarted ? null : (/^failed (.*)/.exec(said)?.[1] ?? 'isolation could not be set up')),
    terminate,
    killRemaining,
  }
}
