/** The main job as a user runs it, *To Analyse* to *done*, with every role played by the real CLI. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { TaskDetail, TaskSummary } from '../../src/core/view.ts'
import { ensureSample } from '../../src/main/demo/sample.ts'
import { livingWith, until } from '../adapters/process/support.ts'
import { orch, type Program } from '../e2e/program.ts'
import { bash } from './messages.ts'
import { type ModelServer, type Script, startModelServer } from './model-server.ts'
import { createRoles, partOf } from './roles.ts'
import { cli, KEY, MODEL } from './world.ts'

interface House {
  readonly cwd: string
  readonly model: ModelServer
  /** Ends Orch as a power cut would, and returns when it is gone. */
  kill(): Promise<void>
  up(): Promise<void>
  create(title: string): Promise<string>
  order(path: string, body: object): Promise<{ status: number; body: TaskSummary & { error?: string } }>
  /** Follows the event stream until the task satisfies `is`. */
  task(key: string, is: (task: TaskDetail) => boolean): Promise<TaskDetail>
  git(...args: string[]): string
}

const CONFIG = `
data_dir: .orch
projects:
  - id: sample
    key_prefix: TASK
    repo: sample
    source: .
    base: main
    check: node --test
    people: [you]
agent:
  runtime: claude
`

async function house(t: TestContext, script: Script): Promise<House> {
  const root = mkdtempSync(join(tmpdir(), 'orch-claude-'))
  const cwd = join(root, 'sample')
  await ensureSample(cwd, process.env)
  writeFileSync(join(cwd, 'orch.config.yaml'), CONFIG)
  const model = await startModelServer({ script, key: KEY })
  const claude = await cli()
  let program: Program | null = null
  let url = ''
  const up = async () => {
    program = orch(['up'], {
      cwd,
      env: {
        ORCH_SERVER_PORT: '0',
        ORCH_LOG_LEVEL: 'warn',
        ORCH_AGENT_MODEL: MODEL,
        ORCH_AGENT_CLAUDE_COMMAND: claude,
        ORCH_AGENT_CLAUDE_API_KEY: KEY,
        ORCH_AGENT_CLAUDE_BASE_URL: model.url,
      },
    })
    url = (await program.until(/Orch is up at (\S+)/))[1] ?? ''
  }
  const end = async (signal: NodeJS.Signals) => {
    program?.child.kill(signal)
    await program?.ended
  }
  t.after(async () => {
    await end('SIGTERM')
    await model.close()
    rmSync(root, { recursive: true, force: true, maxRetries: 5 })
  })
  await up()
  const token = readFileSync(join(cwd, '.orch/token'), 'utf8').trim()
  const read = async (key: string) => (await (await fetch(`${url}/api/tasks/${key}`)).json()) as TaskDetail
  const order: House['order'] = async (path, body) => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ requestId: crypto.randomUUID(), ...body }),
    })
    return { status: answer.status, body: (await answer.json()) as TaskSummary & { error?: string } }
  }
  return {
    cwd,
    model,
    kill: () => end('SIGKILL'),
    up,
    order,
    create: async (title) => (await order('/api/tasks', { project: 'sample', title })).body.key,
    async task(key, is) {
      const stop = new AbortController()
      const events = await fetch(`${url}/api/events`, { headers: { 'last-event-id': '0' }, signal: stop.signal })
      try {
        for await (const _ of events.body as unknown as AsyncIterable<Uint8Array>) {
          const task = await read(key)
          if (is(task)) return task
          if (task.phase === 'held' && !task.actions.includes('answer'))
            throw new Error(`${key} is on hold: ${task.why}\n${JSON.stringify(task.timeline.slice(-5))}`)
        }
      } finally {
        stop.abort()
      }
      return read(key)
    },
    git: (...args) =>
      execFileSync('git', ['-C', join(cwd, '.orch/forge/sample.git'), ...args], { encoding: 'utf8' }).trim(),
  }
}

const waits = (task: TaskDetail) => task.actions.includes('approve')

test('six roles, one question, one approval, one merge; and the books agree', async (t) => {
  const script = createRoles({
    question: {
      role: 'analyst',
      text: 'All slugs, or only new ones?',
      isAnswered: (told) => told.includes('All of them.'),
    },
    tokens: ({ role }) => ({ input: role.length, output: 10 * role.length, cacheRead: 1_000, cacheWrite: 100 }),
  })
  const world = await house(t, script)
  const key = await world.create('Slugs of titles with several words are wrong')
  const asked = await world.task(key, (task) => task.actions.includes('answer'))
  assert.match(JSON.stringify(asked), /All slugs, or only new ones\?/)
  assert.equal((await world.order(`/api/tasks/${key}/answer`, { text: 'All of them.' })).status, 200)
  await world.task(key, waits)
  assert.equal((await world.order(`/api/tasks/${key}/approve`, {})).status, 200)
  const done = await world.task(key, (task) => task.stage === 'done' && !task.cleaningUp)

  assert.equal(done.pullRequest?.state, 'merged')
  assert.ok(done.gates.every(({ verdict }) => verdict === 'pass'))
  assert.match(world.git('show', 'main:src/slug.js'), /\[\^a-z0-9\]\+/)
  assert.match(world.git('show', 'main:CHANGELOG.md'), new RegExp(`- ${key}: slugs`))
  assert.deepEqual(world.git('ls-tree', '--name-only', 'main', `docs/tasks/${key}/`).split('\n').length, 5)
  assert.match(world.git('show', `main:docs/tasks/${key}/13-test-report.md`), /^test_status: "?PASS"?$/m)

  const requests = world.model.messages()
  const roles = new Set(requests.map(({ conversation }) => conversation && partOf(conversation)?.role))
  assert.deepEqual([...roles].sort(), ['analyst', 'architect', 'deployer', 'developer', 'reviewer', 'tester'])
  assert.ok(requests.every(({ headers }) => headers['x-api-key'] === KEY))
  assert.ok(requests.every(({ raw }) => !raw.includes(KEY)))

  const used = world.model.used()[MODEL]
  assert.ok(used)
  const { input, output, cacheRead, cacheCreation } = done.usage.usage
  assert.deepEqual({ input, output, cacheRead, cacheWrite: cacheCreation }, used, 'every token is in the books')
  assert.deepEqual(readdirSync(join(world.cwd, '.orch/workspaces')), [], 'no workspace is left')
  const claude = await cli()
  assert.deepEqual(
    livingWith(world.cwd).filter((line) => line.includes(claude)),
    [],
    'no agent is left',
  )
  assert.ok(!existsSync(join(world.cwd, 'docs')), 'the repository of the person was only read')
})

/** A command that ends for nobody, with a child that it has cut loose; both are known by the word. */
const deaf = (word: string): string => {
  const program = `for (const s of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(s, () => {}); setInterval(() => {}, 1e6)`
  return `setsid -f node -e '${program}' ${word}-daemon; node -e '${program}' ${word}-child`
}
const isAtWork = (word: string) => () =>
  ['daemon', 'child'].every((name) => livingWith(`${word}-${name}`).some((line) => /^\d+ node /.test(line)))

test('STOP while an agent works ends it with all that it has started', async (t) => {
  const word = `deaf-${crypto.randomUUID()}`
  const world = await house(t, () => bash(deaf(word)))
  const key = await world.create('It will be stopped')
  await world.model.seen(({ answer }) => answer !== null)
  await until('its command runs', isAtWork(word))
  assert.equal((await world.order(`/api/tasks/${key}/stop`, {})).status, 200)
  const stopped = await world.task(key, (task) => task.stage === 'cancelled' && !task.cleaningUp)
  assert.deepEqual(livingWith(word), [])
  assert.deepEqual(
    stopped.runs.map(({ state }) => state),
    ['cancelled'],
  )
  assert.equal(stopped.usage.usage.output, world.model.used()[MODEL]?.output, 'what it used is in the books')
})

test('a kill -9 of Orch leaves no agent that goes on spending, and the next start goes on with the task', async (t) => {
  const word = `deaf-${crypto.randomUUID()}`
  const roles = createRoles()
  let isHanging = true
  const world = await house(t, (conversation) => (isHanging ? bash(deaf(word)) : roles(conversation)))
  const key = await world.create('It goes on')
  await world.model.seen(({ answer }) => answer !== null)
  await until('its command runs', isAtWork(word))
  await world.kill()
  await until('nothing of it lives', () => livingWith(word).length === 0)
  isHanging = false
  await world.up()
  const waiting = await world.task(key, waits)
  assert.equal(waiting.stage, 'analysis')
})
