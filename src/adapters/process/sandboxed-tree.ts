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
  isTalkedTo: boolean,
): Tree => {
  const child = spawn(command[0]!, command.slice(1), {
    cwd: '/',
    env,
    detached: true,
    stdio: [isTalkedTo ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe'],
  })
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  let said = ''
  let first: ProcessRow | null = null
  let hasStarted = false

  // Without a file handle to spare there are no pipes; the program then never came to be.
  const control = (child.stdio as typeof child.stdio | undefined)?.[3] as Duplex | undefined
  control?.on('error', () => {})
  control?.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
    if (!said.startsWith('ready\n') || hasStarted) return
    try {
      first = childrenOf(child.pid!)[0] ?? null
    } catch {}
    hasStarted = first !== null
    // What we could not end for sure is not started.
    if (hasStarted) control.write('go\n')
    else control.destroy()
  })

  const terminate = (): void => {
    if (child.pid === undefined || hasEnded()) return
    // Without the word to start, what is there so far ends by itself.
    if (!hasStarted) control?.destroy()
    if (!hasStarted || first === null) return
    const programs = childrenOf(first.pid)
    for (const program of programs) signal(program.pid, 'SIGTERM')
    // The word was given and the program is not there yet: nobody has to be asked.
    if (programs.length === 0) killRemaining()
  }
  const killRemaining = (): number => {
    if (child.pid === undefined) return 0
    if (!hasStarted) control?.destroy()
    const isOuterAlive = !hasEnded()
    if (isOuterAlive) first ??= childrenOf(child.pid)[0] ?? null
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
    isUnderWay: () => hasStarted && !hasEnded(),
    terminate,
    killRemaining,
  }
}
