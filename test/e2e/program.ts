/** Starts the real program as a person does, and reads what it says. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Program {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves with the first match in what was printed so far or will be; rejects when the program ends before. */
  until(pattern: RegExp, stream?: 'out' | 'err'): Promise<RegExpExecArray>
}

export function orch(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Record<string, string> },
): Program {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  const listeners = new Set<() => void>()
  const hear = (stream: 'out' | 'err') => (text: string) => {
    if (stream === 'out') out += text
    else err += text
    for (const listener of listeners) listener()
  }
  child.stdout.setEncoding('utf8').on('data', hear('out'))
  child.stderr.setEncoding('utf8').on('data', hear('err'))
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })))
  return {
    child,
    ended,
    until: (pattern, stream = 'out') =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(stream === 'out' ? out : err)
          if (match === null) return
          listeners.delete(look)
          resolve(match)
        }
        listeners.add(look)
        look()
        void ended.then(({ code }) =>
          reject(new Error(`it ended with ${code} and never said ${pattern}:\n${out}\n${err}`)),
        )
      }),
  }
}

export function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'orch-e2e-'))
  t.after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }))
  return dir
}

/** A repository with one commit on `main`, and the commands to look at it. */
export function repository(dir: string): { git: (...args: string[]) => string } {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...args], {
      cwd: dir,
      encoding: 'utf8',
    }).trim()
  git('init', '--quiet', '--initial-branch=main')
  git('commit', '--quiet', '--allow-empty', '--message=first')
  return { git }
}
