/** The port `Processes` on this machine: plain child processes, isolated by Linux namespaces where asked to. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Processes, ProcessResult, ProcessSpec, RunningProcess } from '../../engine/ports/processes.ts'
import { startGuard } from './guard.ts'
import { identify, isAlive, readBootId } from './identity.ts'
import { openTree } from './open-tree.ts'
import { findTools, type SandboxTools, sandboxed } from './sandbox.ts'
import { sandboxedTree } from './sandboxed-tree.ts'
import { hasInput, type Tree } from './tree.ts'
import { watch } from './watch.ts'

export interface ProcessesOptions {
  /** Where our own tools are looked for (`PATH`); a started program sees nothing of it. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** An existing folder for short-lived files of ours. */
  readonly tmpDir: string
}

type CanSandbox = Awaited<ReturnType<Processes['canSandbox']>>

const neverStarted = (bootId: string, ended: 'missing' | 'stopped', tail: string): RunningProcess => ({
  identity: identify(bootId, 0),
  result: Promise.resolve({ ended, code: null, signal: null, ms: 0, tail }),
  stop: () => {},
  write: () => {},
  endInput: () => {},
})

/** Says in one sentence what keeps this machine from isolating, from what the attempt left. */
const whyNot = (result: ProcessResult): string => {
  const said = result.tail.replace(/\s+/g, ' ').trim()
  return `Programs cannot be isolated on this machine (${said === '' ? `the trial ended as ${result.ended}, code ${result.code}` : said}); allow unprivileged user namespaces, or set sandbox to off.`
}

/** Tries a sandbox for real: it must start, write where it may, and neither write nor look elsewhere. */
const trySandbox = async (start: Processes['start'], tmpDir: string): Promise<CanSandbox> => {
  const dir = await mkdtemp(join(tmpDir, 'sandbox-trial-'))
  try {
    const { result } = start({
      argv: ['/bin/sh', '-c', 'echo > "$1/mine" && ! echo > "$2/theirs" && ! [ -e "$2/trial" ]', 'sh', dir, tmpDir],
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
      sandbox: { is: 'on', writable: [dir], hidden: [tmpDir], readable: [] },
      timeoutMs: 20_000,
      graceMs: 0,
      tailBytes: 2000,
    })
    const ended = await result
    return ended.ended === 'exited' && ended.code === 0 ? { can: true } : { can: false, why: whyNot(ended) }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/**
 * Call it on the main thread: the kernel ties a sandbox's life to the thread that started it. Without a sandbox a program
 * finds one variable more in its environment, `ORCH_PROCESS`, by which its descendants are known. In a sandbox a program
 * that a signal ended shows the shell's exit code (128 + number) and no signal.
 */
export const createProcesses = (options: ProcessesOptions): Processes => {
  const bootId = readBootId()
  const toolPath = options.env.PATH ?? ''
  const mark = `ORCH_PROCESS=${randomUUID()}`
  let started = 0
  let tools: SandboxTools | string | undefined
  let trial: Promise<CanSandbox> | undefined

  const launch = (spec: ProcessSpec): Tree => {
    if (spec.sandbox.is === 'on') {
      tools ??= findTools(toolPath)
      if (typeof tools === 'string') throw new Error(`the program ${tools} of util-linux is missing`)
      const owner = { uid: process.getuid!(), gid: process.getgid!() }
      return sandboxedTree(sandboxed(tools, owner, spec.sandbox, spec), spec.env, hasInput(spec))
    }
    if (started === 0 && bootId !== 'unknown') startGuard(mark, { PATH: `${toolPath}:/usr/bin:/bin` })
    started += 1
    return openTree(spec, `${mark}.${started}`)
  }

  const start = (spec: ProcessSpec): RunningProcess => {
    if (spec.signal?.aborted === true) return neverStarted(bootId, 'stopped', '')
    let tree: Tree
    try {
      tree = launch(spec)
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown)
      return neverStarted(bootId, 'missing', `${spec.argv[0]} could not be started in ${spec.cwd}: ${why}`)
    }
    const watched = watch(tree, spec)
    return { ...watched, identity: identify(bootId, tree.child.pid ?? 0), stop: () => watched.stop() }
  }

  return {
    canSandbox() {
      trial ??=
        process.platform === 'linux'
          ? trySandbox(start, options.tmpDir)
          : Promise.resolve({
              can: false,
              why: 'Programs are isolated by Linux namespaces, which this system lacks; set sandbox to off.',
            })
      return trial
    },
    start,
    isAlive: (identity) => isAlive(bootId, identity),
    self: () => identify(bootId, process.pid),
  }
}
