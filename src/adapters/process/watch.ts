/** From a started tree to its result: output, time limits, the ladder of requests to end, and the proof that nothing is left. */
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { ProcessResult, ProcessSpec } from '../../engine/ports/processes.ts'
import { keepTail, splitLines } from './output.ts'
import type { Tree } from './tree.ts'

type Limit = 'timed-out' | 'stalled' | 'stopped'

// What is left in the pipes when everyone is dead is read in no time; only a stranger who was handed one keeps it open.
const DRAIN_MS = 2000
// Longer ones would fire at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Reads both outputs; `onOutput` hears of every chunk. Returns the reader of the tail. */
const readOutput = (tree: Tree, spec: ProcessSpec, onOutput: () => void): (() => string) => {
  const tail = keepTail(spec.tailBytes)
  for (const name of ['stdout', 'stderr'] as const) {
    const lines = spec.onLine === undefined ? null : splitLines((line) => spec.onLine!(line, name))
    const stream = tree.child[name]
    stream?.on('data', (chunk: Buffer) => {
      onOutput()
      tail.write(chunk)
      lines?.write(chunk)
      spec.onBytes?.(chunk, name)
    })
    stream?.on('error', () => {})
    stream?.on('close', () => lines?.end())
  }
  return () => tail.text()
}

/** Kills until nobody is left, however often they fork. What cannot be looked at counts as left. */
const killAll = async (tree: Tree): Promise<void> => {
  for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 2, 200)) {
    try {
      if (tree.killRemaining() === 0) return
    } catch {}
    await delay(pauseMs)
  }
}

/** The program's input: what it is given at once, and then as long as it is kept open. */
const openInput = ({ child }: Tree, spec: ProcessSpec) => {
  child.stdin?.on('error', () => {}) // It may end without having read.
  const write = (text: string): boolean => {
    if (child.stdin?.writable !== true) return false
    child.stdin.write(text)
    return true
  }
  if (spec.stdin !== undefined) write(spec.stdin)
  if (spec.keepInput !== true) child.stdin?.end()
  return { write, end: (): void => void child.stdin?.end() }
}

export interface Watched {
  readonly result: Promise<ProcessResult>
  stop(): void
  write(text: string): void
  endInput(): void
}

/** Starts watching at once. The result never rejects. */
export const watch = (tree: Tree, spec: ProcessSpec): Watched => {
  const { child } = tree
  const startedAt = performance.now()
  let limit: Limit | null = null
  let patience: NodeJS.Timeout | undefined
  let isOver = false
  const input = openInput(tree, spec)

  const terminate = (): void => {
    try {
      tree.terminate()
    } catch {
      // It could not be asked; it is killed after the grace.
    }
    patience = setTimeout(() => void killAll(tree), spec.graceMs)
  }
  const end = (why: Limit): void => {
    if (limit !== null || isOver) return
    limit = why
    // A program that is not there yet has nothing to finish, and one that hears nothing any more cannot be told.
    if (spec.interrupt !== undefined && tree.isUnderWay() && input.write(spec.interrupt.text))
      patience = setTimeout(terminate, spec.interrupt.waitMs)
    else terminate()
  }
  const after = (ms: number, why: Limit) => setTimeout(() => end(why), Math.min(ms, LONGEST_TIMER_MS))
  const wall = after(spec.timeoutMs, 'timed-out')
  const stall = spec.stallMs === undefined ? undefined : after(spec.stallMs, 'stalled')
  const abort = (): void => end('stopped')
  spec.signal?.addEventListener('abort', abort, { once: true })
  const readTail = readOutput(tree, spec, () => stall?.refresh())

  const finish = async (): Promise<ProcessResult> => {
    const closed = once(child, 'close').catch(() => {})
    // The end of the process counts, not that of its output: others may hold that open.
    const failure = await new Promise<Error | null>((resolve) => {
      child.once('exit', () => resolve(null))
      child.once('error', resolve)
    })
    isOver = true
    for (const timer of [wall, stall, patience]) clearTimeout(timer)
    spec.signal?.removeEventListener('abort', abort)
    await killAll(tree)
    if (child.pid !== undefined) await Promise.race([closed, delay(DRAIN_MS, undefined, { ref: false })])
    for (const stream of child.stdio ?? []) stream?.destroy()
    const ms = Math.round(performance.now() - startedAt)
    const refusal = failure?.message ?? tree.refusal()
    if (refusal !== null && limit === null) {
      const said = readTail().trim()
      const tail = `${spec.argv[0]} could not be started in ${spec.cwd}: ${refusal}${said === '' ? '' : ` (${said})`}`
      return { ended: 'missing', code: null, signal: null, ms, tail }
    }
    return { ended: limit ?? 'exited', code: child.exitCode, signal: child.signalCode, ms, tail: readTail() }
  }
  return { result: finish(), stop: abort, write: (text) => void input.write(text), endInput: input.end }
}
