import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TaskDetail, TaskSummary } from '../../src/core/view.ts'
import { folder, orch, type Program, repository } from './program.ts'

interface Up {
  readonly cwd: string
  readonly url: string
  readonly program: Program
  ask<T>(path: string): Promise<T>
  order(path: string, body: object): Promise<{ status: number; body: TaskSummary & { error?: string } }>
  /** Follows the event stream until the task satisfies `is`. */
  task(key: string, is: (task: TaskDetail) => boolean): Promise<TaskDetail>
}

async function up(t: import('node:test').TestContext, env: Record<string, string> = {}): Promise<Up> {
  const cwd = folder(t)
  repository(cwd)
  assert.equal((await orch(['init'], { cwd }).ended).code, 0)
  const program = orch(['up'], { cwd, env: { ORCH_SERVER_PORT: '0', ORCH_LOG_LEVEL: 'warn', ...env } })
  t.after(async () => {
    program.child.kill('SIGTERM')
    await program.ended
  })
  const [, url = ''] = await program.until(/Orch is up at (\S+)/)
  const token = readFileSync(join(cwd, '.orch/token'), 'utf8').trim()
  const ask = async <T>(path: string): Promise<T> => (await fetch(`${url}${path}`)).json() as Promise<T>
  return {
    cwd,
    url,
    program,
    ask,
    async order(path, body) {
      const answer = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ requestId: crypto.randomUUID(), ...body }),
      })
      return { status: answer.status, body: (await answer.json()) as TaskSummary & { error?: string } }
    },
    async task(key, is) {
      const stop = new AbortController()
      const events = await fetch(`${url}/api/events`, { headers: { 'last-event-id': '0' }, signal: stop.signal })
      const read = async () => ask<TaskDetail>(`/api/tasks/${key}`)
      try {
        for await (const _ of events.body as unknown as AsyncIterable<Uint8Array>) {
          const task = await read()
          if (is(task)) return task
        }
      } finally {
        stop.abort()
      }
      return read()
    },
  }
}

const project = async ({ ask }: Up): Promise<string> =>
  (await ask<{ projects: { id: string }[] }>('/api/me')).projects[0]?.id ?? ''
const waits = (task: TaskDetail) => task.actions.includes('approve')

test('a task is created, approved as shown and delivered over the API, live', async (t) => {
  const world = await up(t)
  const made = await world.order('/api/tasks', {
    project: await project(world),
    title: 'Emoji 😀 and $(touch /tmp/nothing) and ../..',
  })
  assert.equal(made.status, 201)
  const { key } = made.body
  const waiting = await world.task(key, waits)
  assert.equal(waiting.stage, 'analysis')
  assert.match(await (await fetch(`${world.url}/api/tasks/${key}/artefacts/analysis`)).text(), /acceptance_criteria/)
  const stale = await world.order(`/api/tasks/${key}/approve`, { subject: 'something else' })
  assert.equal(stale.status, 409)
  assert.match(stale.body.error ?? '', /has changed since you looked at it/)
  const requestId = crypto.randomUUID()
  const approved = await world.order(`/api/tasks/${key}/approve`, { subject: waiting.subject, requestId })
  assert.equal(approved.status, 200)
  assert.equal(
    (await world.order(`/api/tasks/${key}/approve`, { subject: waiting.subject, requestId })).status,
    200,
    'the same request is answered again',
  )
  const done = await world.task(key, (task) => task.stage === 'done' && !task.cleaningUp)
  assert.equal(done.pullRequest?.state, 'merged')
  assert.ok(done.gates.every(({ verdict }) => verdict === 'pass'))
  const comments = done.timeline.filter(({ is }) => is === 'comment').map(({ text }) => text)
  assert.equal(new Set(comments).size, comments.length, 'everything is said once')
  const late = await world.order(`/api/tasks/${key}/stop`, {})
  assert.equal(late.status, 409)
  assert.match(late.body.error ?? '', /is done already; nothing was changed/)
})

test('a review that asks for changes sends the task back, and STOP ends the next one while its agent hangs', async (t) => {
  const world = await up(t)
  const id = await project(world)
  const { body: one } = await world.order('/api/tasks', {
    project: id,
    title: 'One',
    description: 'scripted: reviewer request-changes 1',
  })
  const { body: two } = await world.order('/api/tasks', {
    project: id,
    title: 'Two',
    description: 'scripted: analyst hang',
  })
  await world.task(one.key, waits)
  assert.match(
    (await world.ask<TaskDetail>(`/api/tasks/${two.key}`)).why ?? '',
    new RegExp(`the lane of \\S+ belongs to ${one.key}`),
  )
  await world.order(`/api/tasks/${one.key}/approve`, {})
  const done = await world.task(one.key, (task) => task.stage === 'done')
  assert.equal(done.budgets.find(({ name }) => name === 'reworks')?.used, 1)
  await world.task(two.key, (task) => task.phase === 'running')
  assert.equal((await world.order(`/api/tasks/${two.key}/stop`, {})).status, 200)
  const stopped = await world.task(two.key, (task) => task.stage === 'cancelled' && !task.cleaningUp)
  assert.deepEqual(
    stopped.runs.map(({ state }) => state),
    ['cancelled'],
  )
})

test('STOP that is switched off is offered nowhere and refused, and its board says so', async (t) => {
  const world = await up(t, { ORCH_STOP_STATUS_ENABLED: 'false' })
  assert.match((await world.ask<{ warnings: string[] }>('/api/me')).warnings.join('\n'), /^STOP is off/m)
  const { body } = await world.order('/api/tasks', {
    project: await project(world),
    title: 'One',
    description: 'scripted: analyst hang',
  })
  assert.ok(!body.actions.includes('stop'))
  const running = await world.task(body.key, ({ phase }) => phase === 'running')
  assert.deepEqual(running.actions, [])
  const requestId = crypto.randomUUID()
  for (const _ of ['at first', 'and again']) {
    const refused = await world.order(`/api/tasks/${body.key}/stop`, { requestId })
    assert.equal(refused.status, 409)
    assert.match(refused.body.error ?? '', /^STOP is switched off here, so nothing was done/)
  }
  const other = await world.order(`/api/tasks/${body.key}/retry`, { requestId })
  assert.match(other.body.error ?? '', /is not on a hold/, 'the same id on another order is another request')
  assert.equal((await world.ask<TaskDetail>(`/api/tasks/${body.key}`)).phase, 'running')

  const log = await fetch(`${world.url}/api/runs/${running.run}/log?follow=0`)
  assert.match(
    await log.text(),
    /event: so-far\ndata: \{"state":"admitted"\}\n\n$/,
    'the log as far as it is, and its end',
  )
})

test('a project with open tasks is not taken away, neither while Orch runs nor at a start', async (t) => {
  const world = await up(t)
  const { body } = await world.order('/api/tasks', { project: await project(world), title: 'One' })
  await world.task(body.key, waits)
  const file = join(world.cwd, 'orch.config.yaml')
  const before = readFileSync(file, 'utf8')
  const sentence = new RegExp(`is not in the configuration, and ${body.key} is still open in it; put it back`)
  writeFileSync(file, before.replace(/^( {2}- )?( *)id: .*$/m, '$1$2id: another'))
  await world.program.until(sentence, 'err')
  assert.equal((await world.order(`/api/tasks/${body.key}/approve`, {})).status, 200, 'the task goes on')
  world.program.child.kill('SIGTERM')
  await world.program.ended
  const { code, err } = await orch(['up'], { cwd: world.cwd, env: { ORCH_SERVER_PORT: '0', ORCH_LOG_LEVEL: 'silent' } })
    .ended
  assert.equal(code, 1)
  assert.match(err, sentence)
  assert.equal(err.trim().split('\n').length, 1)
})

test('nobody writes without the token, from another page, or by another name', async (t) => {
  const { url, cwd, ask } = await up(t)
  assert.equal(statSync(join(cwd, '.orch/token')).mode & 0o777, 0o600)
  const post = (headers: Record<string, string>) =>
    fetch(`${url}/api/tasks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{}',
    })
  assert.equal((await post({})).status, 401)
  assert.equal((await post({ authorization: 'Bearer wrong' })).status, 401)
  const token = readFileSync(join(cwd, '.orch/token'), 'utf8').trim()
  const { code } = (await (
    await fetch(`${url}/api/login-codes`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  ).json()) as { code: string }
  const login = () =>
    fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    })
  const session = await login()
  assert.equal(session.status, 204)
  assert.equal((await login()).status, 401, 'a login link works once')
  const cookie = (session.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  assert.equal((await post({ cookie, origin: 'http://evil.example' })).status, 403)
  assert.equal((await post({ cookie })).status, 403)
  assert.equal((await post({ cookie, origin: url })).status, 400, 'our own page may ask')
  assert.deepEqual(await ask('/health'), { ok: true })
})

test('a second Orch on the same data, and a port in use, are one sentence each', async (t) => {
  const { cwd, url, program } = await up(t)
  const second = await orch(['up'], { cwd, env: { ORCH_SERVER_PORT: '0' } }).ended
  assert.equal(second.code, 1)
  assert.match(second.err, /is in use by another Orch \(process [0-9]+\): stop that one first/)
  const other = await orch(['up'], {
    cwd,
    env: { ORCH_SERVER_PORT: new URL(url).port, ORCH_DATA_DIR: join(cwd, 'other') },
  }).ended
  assert.equal(other.code, 1)
  assert.match(other.err, /^Port [0-9]+ on 127\.0\.0\.1 is in use/m)
  program.child.kill('SIGTERM')
  const { code, out } = await program.ended
  assert.equal(code, 0)
  assert.match(out, /Orch has ended\./)
})
