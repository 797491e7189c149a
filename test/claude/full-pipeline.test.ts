/** The main job as a user runs it, *To Analyse* to *done*, with every role played by the real CLI. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { TaskDetail, TaskSummary } from '../../src/core/view.ts'
import { ensureSample } from '../../src/main/demo/sample.ts'
import { livingWith } from '../adapters/process/support.ts'
import { folder, orch } from '../e2e/program.ts'
import { type ModelServer, startModelServer } from './model-server.ts'
import { createRoles, partOf, type RolesOptions } from './roles.ts'
import { cli, KEY, MODEL } from './world.ts'

interface House {
  readonly cwd: string
  readonly model: ModelServer
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

async function house(t: TestContext, roles: RolesOptions): Promise<House> {
  const cwd = join(folder(t), 'sample')
  await ensureSample(cwd, process.env)
  writeFileSync(join(cwd, 'orch.config.yaml'), CONFIG)
  const model = await startModelServer({ script: createRoles(roles), key: KEY })
  t.after(() => model.close())
  const program = orch(['up'], {
    cwd,
    env: {
      ORCH_SERVER_PORT: '0',
      ORCH_LOG_LEVEL: 'warn',
      ORCH_AGENT_MODEL: MODEL,
      ORCH_AGENT_CLAUDE_COMMAND: await cli(),
      ORCH_AGENT_CLAUDE_API_KEY: KEY,
      ORCH_AGENT_CLAUDE_BASE_URL: model.url,
    },
  })
  t.after(async () => {
    program.child.kill('SIGTERM')
    await program.ended
  })
  const [, url = ''] = await program.until(/Orch is up at (\S+)/)
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
  const world = await house(t, {
    question: {
      role: 'analyst',
      text: 'All slugs, or only new ones?',
      isAnswered: (told) => told.includes('All of them.'),
    },
    tokens: ({ role }) => ({ input: role.length, output: 10 * role.length, cacheRead: 1_000, cacheWrite: 100 }),
  })
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
  assert.deepEqual(
    livingWith(world.cwd).filter((line) => line.includes('claude')),
    [],
    'no agent is left',
  )
  assert.ok(!existsSync(join(world.cwd, 'docs')), 'the repository of the person was only read')
})
