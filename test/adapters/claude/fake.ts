/** A world for runs of the stand-in CLI: a workspace, processes, and a door that leads nowhere. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ClaudeOptions, createClaudeRuntime } from '../../../src/adapters/claude/index.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { systemClock, systemIds } from '../../../src/adapters/system/clock.ts'
import type { Gateway, Ledger } from '../../../src/engine/ports/gateway.ts'
import type { Workspace } from '../../../src/engine/ports/repositories.ts'
import type { AgentEvent, AgentResult, AgentRuntime, AgentSpec } from '../../../src/engine/ports/runtime.ts'
import { livingWith } from '../process/support.ts'

export type Act =
  | { readonly is: 'begin' | 'wait-for-input' | 'chatter' | 'stubborn' | 'linger' | 'daemon' }
  | { readonly is: 'write'; readonly path: string; readonly content: string }
  | { readonly is: 'say'; readonly text: string }
  | { readonly is: 'result'; readonly text: string; readonly more?: object }
  /** Ends with the question, or with the text where it is told the answer. */
  | { readonly is: 'ask'; readonly question: string; readonly text: string }
  | { readonly is: 'trouble'; readonly error: string; readonly more: object }
  | { readonly is: 'line'; readonly message: object }
  | { readonly is: 'print'; readonly base64: string }
  | { readonly is: 'complain'; readonly text: string }
  | { readonly is: 'flood'; readonly bytes: number }
  | { readonly is: 'exit'; readonly code: number }

export interface Plan {
  readonly acts: readonly Act[]
  /** What `--version` prints, and its exit code. */
  readonly version: string
  readonly versionCode?: number
  readonly costBasis?: string
}

/** What the stand-in was given. */
export interface Seen {
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly text: string
  readonly cwd: string
  readonly rules: string | null
}

const CLI = fileURLToPath(new URL('./fake-cli.ts', import.meta.url))
const NODE = realpathSync(process.execPath)
export const PATH = '/usr/local/bin:/usr/bin:/bin'

export const print = (text: string | Uint8Array): Act => ({
  is: 'print',
  base64: Buffer.from(text as string).toString('base64'),
})

export const EMPTY_LEDGER: Ledger = { requests: 0, byModel: {}, lastStatus: null, retryAfterMs: null, trouble: null }

/** What happened at the doors, and what their ledgers say. */
export interface Doors {
  ledger: Ledger
  onUsage: ((ledger: Ledger) => void) | undefined
  readonly log: string[]
}

const gatewayOf = (doors: Doors): Gateway => ({
  open({ run, provider, sandbox, onUsage }) {
    doors.log.push(`open ${run} ${provider} ${sandbox}`)
    doors.onUsage = onUsage
    return {
      url: 'http://127.0.0.1:9',
      token: 'token-of-the-run',
      proxy: null,
      wrap: (argv) => argv,
      readable: [],
      ledger: () => doors.ledger,
      refuse: (sentence) => doors.log.push(`refuse ${sentence}`),
      close: () => doors.log.push('close'),
    }
  },
})

export interface FakeWorld extends AsyncDisposable {
  readonly dir: string
  readonly command: string
  readonly sessionsDir: string
  readonly doors: Doors
  readonly runtime: AgentRuntime
  runtimeWith(options: Partial<ClaudeOptions>): AgentRuntime
  /** What the stand-in plays from now on. */
  plan(acts: readonly Act[], more?: Partial<Plan>): void
  /** Fresh home and tmp; the checkout of `after` where that is given. */
  workspace(sandbox?: 'on' | 'off', after?: Workspace): Workspace
  /** The runtime with a program that is not there, or that nobody may execute. */
  broken(how: 'absent' | 'not-executable'): AgentRuntime
  spec(workspace: Workspace, more?: Partial<AgentSpec>): AgentSpec
  /** Plays one run to its end. */
  play(
    acts: readonly Act[],
    more?: Partial<AgentSpec>,
  ): Promise<{ readonly result: AgentResult; readonly events: readonly AgentEvent[]; readonly workspace: Workspace }>
  living(): readonly string[]
}

export const seenBy = ({ home }: Workspace): Seen => JSON.parse(readFileSync(join(home, 'seen.json'), 'utf8')) as Seen

export function createFakeWorld(): FakeWorld {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'orch-fake-claude-')))
  const bin = join(dir, 'bin')
  const sessionsDir = join(dir, 'data', 'sessions')
  for (const name of ['bin', 'tmp', 'data', 'spaces']) mkdirSync(join(dir, name))
  const command = join(bin, 'claude')
  writeFileSync(command, `#!/bin/sh\nexec '${NODE}' '${CLI}' '${join(bin, 'plan.json')}' "$@"\n`)
  chmodSync(command, 0o755)
  const plan = (acts: readonly Act[], more: Partial<Plan> = {}): void => {
    const whole: Plan = { acts, version: '2.1.330 (Claude Code)\n', ...more }
    writeFileSync(join(bin, 'plan.json'), JSON.stringify(whole))
  }
  plan([])
  const doors: Doors = { ledger: EMPTY_LEDGER, onUsage: undefined, log: [] }
  const runtimeWith = (options: Partial<ClaudeOptions>): AgentRuntime =>
    createClaudeRuntime({
      processes: createProcesses({ env: { PATH }, tmpDir: join(dir, 'tmp') }),
      command: { path: command },
      env: { PATH, LANG: 'C.UTF-8' },
      tools: [dirname(NODE), dirname(CLI)],
      gateway: gatewayOf(doors),
      subscriptionToken: null,
      sessionsDir,
      clock: systemClock,
      ids: systemIds,
      postResultMs: 400,
      interruptMs: 400,
      ...options,
    })
  const runtime = runtimeWith({})
  const workspace = (sandbox: 'on' | 'off' = 'off', after?: Workspace): Workspace => {
    const root = mkdtempSync(join(dir, 'spaces', 'space-'))
    const [checkout, home, tmp] = [after?.dir ?? join(root, 'checkout'), join(root, 'home'), join(root, 'tmp')]
    for (const folder of [checkout, home, tmp]) mkdirSync(folder, { recursive: true })
    const isolation = { is: 'on', writable: [checkout, home, tmp], hidden: [join(dir, 'data')], readable: [] } as const
    return { dir: checkout, home, tmp, given: '0'.repeat(40), sandbox: sandbox === 'on' ? isolation : { is: 'off' } }
  }
  const spec = (at: Workspace, more: Partial<AgentSpec> = {}): AgentSpec => ({
    run: '7.1',
    role: 'developer',
    workspace: at,
    prompt: {
      text: 'You are the developer of task ORC-7.',
      rules: '',
      task: { key: 'ORC-7', title: 'A title', description: '', folder: 'docs/tasks/ORC-7/' },
      artefact: null,
      notes: [],
    },
    choice: { model: null, effort: null, fallback: null },
    limits: { timeoutMs: 30_000, stallMs: 20_000, graceMs: 300 },
    egress: [],
    resume: null,
    ...more,
  })
  return {
    dir,
    command,
    sessionsDir,
    doors,
    runtime,
    runtimeWith,
    plan,
    workspace,
    broken(how) {
      const path = join(bin, how)
      if (how === 'not-executable') writeFileSync(path, '#!/bin/sh\n', { mode: 0o644 })
      return runtimeWith({ command: { path } })
    },
    spec,
    async play(acts, more = {}) {
      plan(acts)
      const at = more.workspace ?? workspace()
      const run = runtime.start(spec(at, more))
      const events: AgentEvent[] = []
      for await (const event of run.events) events.push(event)
      return { result: await run.result, events, workspace: at }
    },
    living: () => livingWith(join(dir, 'spaces')),
    async [Symbol.asyncDispose]() {
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
