/** What agents run with: set by people, shown with its reasons. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fellBack } from '../../src/web/run-agent.ts'
import { AGENT, AT, startWeb } from './world.ts'

test('a run tells what its agent was given, why, and what answered', async (t) => {
  const web = await startWeb(t)
  const task = await web.task()
  await web.run(task, { agent: { ...AGENT, models: ['claude-haiku-5-5'], resumes: `${task}.7` } })
  await web.run(task, { id: `${task}.2`, kind: 'check', role: null })
  const [agent, check] = (await web.get('/api/tasks/SHOP-1')).json.runs
  assert.deepEqual(agent.agent, {
    runtime: 'claude',
    ...AGENT.choice,
    models: ['claude-haiku-5-5'],
    fellBack: true,
    resumes: `${task}.7`,
  })
  assert.equal(check.agent, null)
})

test('a model that answers by a dated name is the chosen one; a stranger is none', () => {
  const cases: [string | null, string[], boolean][] = [
    ['claude-opus-5-5', ['claude-opus-5-5'], false],
    ['claude-opus-5-5[1m]', ['claude-haiku-5-5', 'claude-opus-5-5-20290101'], false],
    ['claude-opus-5-5-latest', ['claude-opus-5-5-20290101'], false],
    ['gpt-6', ['gpt-6-2029-01-01'], false],
    ['claude-opus-5', ['claude-opus-5-5'], true],
    ['claude-opus-5-5', ['claude-haiku-5-5'], true],
    ['claude-opus-5-5', [], false],
    [null, ['claude-haiku-5-5'], false],
  ]
  for (const [chosen, answered, expected] of cases)
    assert.equal(fellBack(chosen, answered), expected, `${chosen} / ${answered}`)
})

test('a person sets model, effort and fallback of a task, and takes back one of them', async (t) => {
  const web = await startWeb(t)
  await web.task()
  const set = (body: object) => web.post('/api/tasks/SHOP-1/agent', body)
  assert.equal((await set({ model: ' claude-opus-5-5 ', effort: 'HIGH', fallback: 'claude-haiku-5-5' })).status, 200)
  const agent = async () => (await web.get('/api/tasks/SHOP-1')).json.agent
  assert.deepEqual(await agent(), { model: 'claude-opus-5-5', effort: 'high', fallback: 'claude-haiku-5-5' })
  await set({ fallback: '' })
  assert.deepEqual(await agent(), { model: 'claude-opus-5-5', effort: 'high' }, 'what is empty is unset')
})

test('what cannot be a name, or says nothing, is refused with a sentence and sets nothing', async (t) => {
  const web = await startWeb(t)
  await web.task()
  const cases: [object, string][] = [
    [{}, 'Say model, effort or fallback; an empty text takes back what was set for the task.'],
    [{ model: 'x'.repeat(121) }, 'model must have at most 120 characters.'],
    [{ model: 'a\nb' }, 'model: it must be one line without control characters.'],
    [{ fallback: 'a\u202eb' }, 'fallback: it must be one line without control characters.'],
    [{ effort: 'huge' }, 'effort: it must be low, medium, high, xhigh, max, or empty.'],
    [{ modle: 'x' }, 'The request has an unknown field "modle"; leave it out.'],
  ]
  for (const [body, error] of cases) {
    const { status, json } = await web.post('/api/tasks/SHOP-1/agent', body)
    assert.deepEqual([status, json.error], [400, error])
  }
  assert.deepEqual((await web.get('/api/tasks/SHOP-1')).json.agent, {})
  assert.equal((await web.post('/api/tasks/SHOP-9/agent', { model: 'x' })).status, 404)
})

test('a task is made with them in one request, and a repeated request makes and sets nothing more', async (t) => {
  const web = await startWeb(t)
  const body = { project: 'shop', title: 'x', agent: { model: 'claude-opus-5-5' }, requestId: 'the-same-one' }
  const made = await web.post('/api/tasks', body)
  assert.deepEqual([made.status, made.json.key], [201, 'SHOP-1'])
  assert.deepEqual((await web.get('/api/tasks/SHOP-1')).json.agent, { model: 'claude-opus-5-5' })
  await web.post('/api/tasks/SHOP-1/agent', { model: 'claude-haiku-5-5' })
  assert.equal((await web.post('/api/tasks', body)).json.key, 'SHOP-1')
  assert.deepEqual((await web.get('/api/tasks/SHOP-1')).json.agent, { model: 'claude-haiku-5-5' })
  const wrong = await web.post('/api/tasks', { ...body, agent: { effort: 'huge' }, requestId: 'another-one' })
  assert.equal(wrong.json.error, 'agent.effort: it must be low, medium, high, xhigh, max, or empty.')
  assert.equal((await web.get('/api/tasks')).json.tasks.length, 1)
})

test('retry sets them for the next run alone', async (t) => {
  const web = await startWeb(t)
  const task = async () => (await web.store.reads.taskByKey('SHOP-1'))!.task
  const hold = async () => {
    const phase = { is: 'held', since: AT, reason: 'attempts-spent', sentence: 'it failed' } as const
    const held = { ...(await task()), stage: 'development', phase } as const
    await web.store.transaction((tx) => tx.saveTask(held, AT))
  }
  await web.task()
  await hold()
  assert.equal((await web.post('/api/tasks/SHOP-1/retry', { model: 'claude-opus-5-5', effort: 'max' })).status, 200)
  assert.deepEqual((await task()).agent, { wish: {}, once: { model: 'claude-opus-5-5', effort: 'max' } })
  await hold()
  assert.equal((await web.post('/api/tasks/SHOP-1/retry', {})).status, 200)
  assert.deepEqual(
    (await task()).agent.once,
    { model: 'claude-opus-5-5', effort: 'max' },
    'nothing said, nothing changed',
  )
})

test('the description of the API can still be read', async (t) => {
  const web = await startWeb(t)
  const { paths } = (await web.get('/openapi.json')).json
  assert.ok(paths['/api/tasks/{key}/agent'] && paths['/api/usage'])
})
