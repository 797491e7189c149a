/** A workspace, processes and a gateway for runs of codex, real or not. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createCodexRuntime } from '../../../src/adapters/codex/index.ts'
import { createGateway } from '../../../src/adapters/gateway/index.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { systemClock, systemIds } from '../../../src/adapters/system/clock.ts'
import type { Workspace } from '../../../src/engine/ports/repositories.ts'
import type { AgentEvent, AgentResult, AgentRuntime, AgentSpec } from '../../../src/engine/ports/runtime.ts'
import { livingWith } from '../process/support.ts'

export const KEY = 'sk-the-real-key-of-the-provider'
const PATH = process.env.PATH ?? '/usr/bin:/bin'
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export interface World extends AsyncDisposable {
  readonly root: string
  readonly runtime: AgentRuntime
  readonly sessionsDir: string
  /** A fresh home and checkout; files of the checkout by path. */
  workspace(sandbox: 'on' | 'off', files?: Readonly<Record<string, string>>, after?: Workspace): Workspace
  /** The same machine with another program. */
  runtimeWith(command: string): AgentRuntime
  spec(workspace: Workspace, more?: Partial<AgentSpec>): AgentSpec
  run(spec: AgentSpec): Promise<{ readonly result: AgentResult; readonly events: readonly AgentEvent[] }>
  /** What lives of this world's runs. */
  living(): readonly string[]
}

/** How a run gets at its model: by the gateway, by one that has no key, by a credential of its own, or not at all. */
export type Access = 'gateway' | 'no-key' | 'login' | 'nothing'

export async function createWorld(
  command: string,
  upstream: string,
  postResultMs = 15_000,
  access: Access = 'gateway',
): Promise<World> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'orch-codex-')))
  const inner = join(root, 'inner')
  const sessionsDir = join(root, 'sessions')
  mkdirSync(inner)
  const processes = createProcesses({ env: { PATH }, tmpDir: inner })
  const gateway = createGateway({
    dir: join(root, 'gateway'),
    tmpDir: inner,
    providers: () => ({ openai: { upstream, key: access === 'no-key' ? '' : KEY, style: 'openai' } }),
    node: process.execPath,
    ids: systemIds,
    clock: systemClock,
    log,
  })
  await gateway.start()
  const env = { PATH, LANG: 'C.UTF-8' }
  const runtimeWith = (path: string) =>
    createCodexRuntime({
      processes,
      gateway: access === 'gateway' || access === 'no-key' ? gateway : null,
      login: access === 'login' ? { variable: 'CODEX_API_KEY', value: 'its own' } : null,
      command: { path },
      env,
      tools: [],
      sessionsDir,
      clock: systemClock,
      postResultMs,
    })
  const runtime = runtimeWith(command)
  let made = 0
  return {
    root,
    runtime,
    runtimeWith,
    sessionsDir,
    workspace(sandbox, files = {}, after) {
      made += 1
      const place = (name: string): string => join(root, `w${made}`, name)
      const [dir, home, tmp] = [after?.dir ?? place('checkout'), place('home'), place('tmp')]
      for (const folder of [dir, home, tmp]) mkdirSync(folder, { recursive: true })
      execFileSync('git', ['init', '--quiet', dir])
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(dir, path)), { recursive: true })
        writeFileSync(join(dir, path), text)
      }
      const isolation = { is: 'on', writable: [dir, home, tmp], hidden: [sessionsDir, inner], readable: [] } as const
      return { dir, home, tmp, given: '0'.repeat(40), sandbox: sandbox === 'on' ? isolation : { is: 'off' } }
    },
    spec: (workspace, more = {}) => ({
      run: '7.1',
      role: 'developer',
      workspace,
      prompt: {
        text: 'Do the task.',
        rules: 'The rules of the house.',
        task: { key: 'ORC-7', title: 'A title', description: '', folder: 'docs/tasks/ORC-7/' },
        artefact: null,
        notes: [],
      },
      choice: { model: 'gpt-5.5', effort: 'high', fallback: null },
      limits: { timeoutMs: 60_000, stallMs: 30_000, graceMs: 300 },
      egress: [],
      resume: null,
      ...more,
    }),
    async run(spec) {
      const run = runtime.start(spec)
      const events: AgentEvent[] = []
      for await (const event of run.events) events.push(event)
      return { result: await run.result, events }
    },
    living: () => livingWith(root),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}
