/** What the tests of real processes share. */
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import type { Processes, ProcessResult, ProcessSpec, RunningProcess } from '../../../src/engine/ports/processes.ts'

export const PATH = process.env.PATH ?? '/usr/bin:/bin'

export interface World extends AsyncDisposable {
  readonly dir: string
  readonly processes: Processes
  /** Starts a shell script whose `$0` is `token`, by which `living` finds everything that came of it. */
  sh(script: string, more?: Partial<ProcessSpec>): RunningProcess
  readonly token: string
  /** Command lines of what lives of this world, in any namespace. */
  living(): readonly string[]
}

export const createWorld = (): World => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'orch-process-')))
  const processes = createProcesses({ env: { PATH }, tmpDir: dir })
  const token = `token-of-${dir.split('/').at(-1)}`
  return {
    dir,
    processes,
    token,
    sh: (script, more = {}) =>
      processes.start({
        argv: ['sh', '-c', script, token],
        cwd: dir,
        env: { PATH, TOKEN: token },
        sandbox: { is: 'off' },
        timeoutMs: 20_000,
        graceMs: 150,
        tailBytes: 4096,
        ...more,
      }),
    living: () => livingWith(token),
    async [Symbol.asyncDispose]() {
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Command lines of the living processes, in any namespace, that hold `token`. */
export const livingWith = (token: string): readonly string[] =>
  readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return []
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return command.includes(token) ? [`${pid} ${command}`] : []
    } catch {
      return []
    }
  })

/** Waits for a condition of the outside world; throws after ten seconds. */
export const until = async (what: string, isTrue: () => boolean): Promise<void> => {
  for (const endAt = performance.now() + 10_000; !isTrue(); await delay(10)) {
    if (performance.now() > endAt) throw new Error(`it never came true that ${what}`)
  }
}

/** Collects lines and lets a test wait for one. */
export const listen = () => {
  const lines: string[] = []
  return {
    lines,
    onLine: (line: string) => void lines.push(line),
    saw: (line: string) => until(line, () => lines.includes(line)),
  }
}

export const brief = ({ ended, code, signal }: ProcessResult) => ({ ended, code, signal })

/** Why this machine cannot isolate; null where it can. */
export const sandboxReason = async (): Promise<string | null> => {
  await using world = createWorld()
  const answer = await world.processes.canSandbox()
  return answer.can ? null : answer.why
}
