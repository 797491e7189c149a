/** What the tests of the real CLI share: our model behind the real gateway, real isolation, a checkout, and the runtime. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { createClaudeRuntime, type FoundClaude } from '../../src/adapters/claude/index.ts'
import { createGateway } from '../../src/adapters/gateway/index.ts'
import { createProcesses } from '../../src/adapters/process/processes.ts'
import { systemClock, systemIds } from '../../src/adapters/system/clock.ts'
import type { Role } from '../../src/core/words.ts'
import type { Door, Gateway } from '../../src/engine/ports/gateway.ts'
import type { Workspace } from '../../src/engine/ports/repositories.ts'
import type { AgentEvent, AgentResult, AgentRun, AgentRuntime, AgentSpec } from '../../src/engine/ports/runtime.ts'
import { ensureSample } from '../../src/main/demo/sample.ts'
import { fetchCli } from './fetch-cli.ts'
import { type ModelServer, type ModelServerOptions, startModelServer } from './model-server.ts'

/** The house's own key, which no run may see. */
export const KEY = 'sk-ant-api03-the-real-key-of-the-house'
export const MODEL = 'claude-sonnet-4-5'

export interface World {
  readonly dir: string
  readonly model: ModelServer
  readonly runtime: AgentRuntime
  /** Another one in the same place, by what was found. */
  runtimeWith(command: FoundClaude): AgentRuntime
  /** Doors that were opened, in order: what the gateway counted. */
  readonly doors: readonly Door[]
  workspace(options?: WorkspaceOptions): Promise<Workspace>
  /** Starts a run and gathers its events. */
  start(workspace: Workspace, spec?: Partial<AgentSpec>): Played
}
export interface WorkspaceOptions {
  readonly sandbox?: 'on' | 'off'
  /** Committed beside the sample's own. */
  readonly files?: Readonly<Record<string, string>>
  /** Takes this one's checkout, with a fresh home: a later run of the same task. */
  readonly after?: Workspace
}
export interface Played {
  readonly run: AgentRun
  readonly result: Promise<AgentResult>
  readonly events: readonly AgentEvent[]
  /** Resolves with the first event for which `is` holds; rejects when the run ends without one. */
  saw(is: (event: AgentEvent) => boolean): Promise<AgentEvent>
}

const NODE_DIR = dirname(realpathSync(process.execPath))
export const PATH = `${NODE_DIR}:/usr/local/bin:/usr/bin:/bin`

export const cli = (): Promise<string> =>
  fetchCli({
    env: process.env,
    platform: process.platform,
    arch: process.arch,
    isMusl:
      (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header.glibcVersionRuntime ===
      undefined,
    say: (sentence) => process.stderr.write(`${sentence}\n`),
  })

export async function world(t: TestContext, script: ModelServerOptions['script']): Promise<World> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'orch-claude-')))
  for (const name of ['gateway', 'tmp', 'data', 'spaces']) mkdirSync(join(dir, name))
  const model = await startModelServer({ script, key: KEY })
  const gateway = createGateway({
    dir: join(dir, 'gateway'),
    tmpDir: join(dir, 'tmp'),
    providers: () => ({ anthropic: { upstream: model.url, key: KEY, style: 'anthropic' } }),
    node: process.execPath,
    ids: systemIds,
    clock: systemClock,
    log: { debug() {}, info() {}, warn() {}, error() {} },
  })
  await gateway.start()
  const doors: Door[] = []
  const watched: Gateway = {
    open(spec) {
      const door = gateway.open(spec)
      doors.push(door)
      return door
    },
  }
  const runtimeWith = (command: FoundClaude) =>
    createClaudeRuntime({
      processes: createProcesses({ env: { PATH }, tmpDir: join(dir, 'tmp') }),
      gateway: watched,
      command,
      env: { PATH, LANG: 'C.UTF-8' },
      tools: [NODE_DIR],
      subscriptionToken: null,
      sessionsDir: join(dir, 'data', 'sessions'),
      clock: systemClock,
      ids: systemIds,
    })
  const runtime = runtimeWith({ path: await cli() })
  t.after(async () => {
    await gateway.close()
    await model.close()
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  })
  return {
    dir,
    model,
    runtime,
    runtimeWith,
    doors,
    workspace: (options = {}) => workspace(dir, options),
    start: (at, spec = {}) => play(runtime.start({ ...specOf(at), ...spec })),
  }
}

/** As Orch's own workspaces are: a checkout of base on a branch of its own, home and tmp beside it. */
async function workspace(root: string, { sandbox = 'on', files = {}, after }: WorkspaceOptions): Promise<Workspace> {
  const base = mkdtempSync(join(root, 'spaces', 'space-'))
  const dir = after?.dir ?? join(base, 'checkout')
  const [home, tmp] = [join(base, 'home'), join(base, 'tmp')]
  mkdirSync(home)
  mkdirSync(tmp)
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', '-C', dir, ...args], {
      encoding: 'utf8',
    }).trim()
  if (after === undefined) {
    await ensureSample(dir, process.env)
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true })
      writeFileSync(join(dir, path), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 })
    }
    git('add', '--all', '--force')
    git('commit', '--quiet', '--allow-empty', '--message=more')
    git('update-ref', 'refs/remotes/origin/base', 'HEAD')
  }
  return {
    dir,
    home,
    tmp,
    given: git('rev-parse', 'HEAD'),
    sandbox:
      sandbox === 'off'
        ? { is: 'off' }
        : { is: 'on', writable: [dir, home, tmp], hidden: [join(root, 'data'), join(root, 'gateway')], readable: [] },
  }
}

export const promptFor = (role: Role, key = 'TASK-1', text = ''): AgentSpec['prompt'] => ({
  text: `You are the ${role} of task ${key}.\n\nYour documents belong into docs/tasks/${key}/.\n\n${text}`,
  rules: '',
  task: { key, title: 'Slugs are wrong', description: text, folder: `docs/tasks/${key}/` },
  artefact: role === 'analyst' ? `docs/tasks/${key}/01-analysis.md` : null,
  notes: [],
})

const specOf = (at: Workspace): AgentSpec => ({
  run: systemIds.uuid(),
  role: 'developer',
  workspace: at,
  prompt: promptFor('developer'),
  choice: { model: MODEL, effort: null, fallback: null },
  limits: { timeoutMs: 90_000, stallMs: 60_000, graceMs: 2_000 },
  egress: [],
  resume: null,
})

function play(run: AgentRun): Played {
  const events: AgentEvent[] = []
  const waiting = new Set<() => void>()
  let isOver = false
  const gathered = (async () => {
    for await (const event of run.events) {
      events.push(event)
      for (const look of [...waiting]) look()
    }
    isOver = true
    for (const look of [...waiting]) look()
  })()
  return {
    run,
    events,
    result: run.result.then(async (result) => {
      await gathered
      return result
    }),
    saw: (is) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = events.find(is)
          if (found === undefined && !isOver) return
          waiting.delete(look)
          if (found !== undefined) resolve(found)
          else reject(new Error(`the run ended without it: ${JSON.stringify(events.slice(-5))}`))
        }
        waiting.add(look)
        look()
      }),
  }
}

/** What the CLI itself said at the end, from its own lines. */
export function lastResult(events: readonly AgentEvent[]): Record<string, unknown> {
  const lines = events.flatMap((event) =>
    event.is === 'raw' && event.line.includes('"type":"result"') ? [event.line] : [],
  )
  return JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>
}
