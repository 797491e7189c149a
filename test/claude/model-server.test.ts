/** The scripted model itself: what the real API would say to a client, on both ways to ask. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Answer, bash, says } from './messages.ts'
import { type ModelServerOptions, startModelServer } from './model-server.ts'

const KEY = 'sk-ant-of-the-house'

async function model(t: TestContext, script: ModelServerOptions['script'], wait?: (ms: number) => Promise<void>) {
  const server = await startModelServer({ script, key: KEY, ...(wait && { wait }) })
  t.after(() => server.close())
  const ask = (body: object, headers: Record<string, string> = {}, path = '/v1/messages?beta=true') =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'x-api-key': KEY, 'anthropic-version': '2023-06-01', ...headers },
      body: JSON.stringify({ model: 'claude-test-1', max_tokens: 100, ...body }),
    })
  return { server, ask }
}
const user = (text: string) => ({ role: 'user', content: text })
const events = (text: string) =>
  [...text.matchAll(/^event: (.*)\ndata: (.*)\n\n/gm)].map(([, name, data]) => ({ name, data: JSON.parse(data ?? '') }))

test('an answer streams in the order of the API, its call in pieces of JSON, its usage at both ends', async (t) => {
  const { server, ask } = await model(t, () => bash('echo "ä 😀 \\"'))
  const answer = await ask({ stream: true, messages: [user('go')] })
  assert.match(answer.headers.get('content-type') ?? '', /text\/event-stream/)
  const told = events(await answer.text())
  assert.deepEqual(
    told.map(({ name }) => name).filter((name, at, all) => name !== all[at - 1]),
    [
      'message_start',
      'ping',
      ...['content_block_start', 'content_block_delta', 'content_block_stop'],
      ...['content_block_start', 'content_block_delta', 'content_block_stop'],
      ...['message_delta', 'message_stop'],
    ],
  )
  const json = told.map(({ data }) => data.delta?.partial_json ?? '').join('')
  assert.deepEqual(JSON.parse(json), { command: 'echo "ä 😀 \\"', description: 'Work on the task' })
  assert.ok(told.filter(({ data }) => data.delta?.type === 'input_json_delta').length > 2)
  assert.equal(told.at(0)?.data.message.usage.cache_read_input_tokens, 3_000)
  assert.deepEqual(told.at(-2)?.data.usage, { output_tokens: 20 })
  assert.equal(told.at(-2)?.data.delta.stop_reason, 'tool_use')
  assert.deepEqual(server.used(), {
    'claude-test-1': { input: 100, output: 20, cacheRead: 3_000, cacheWrite: 500 },
  })
})

test('the step follows from the conversation; the same state asked about again is the same step, and known as such', async (t) => {
  const { ask, server } = await model(t, ({ calls, attempt }) => says(`${calls.length} done, attempt ${attempt}`))
  const textOf = async (messages: object[]) =>
    ((await (await ask({ messages })).json()) as { content: { text: string }[] }).content[0]?.text
  const call = { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'Bash', input: { command: 'ls' } }] }
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'a\nb' }] }
  assert.equal(await textOf([user('go')]), '0 done, attempt 1')
  assert.equal(await textOf([user('go'), call, result]), '1 done, attempt 1')
  assert.equal(await textOf([user('go')]), '0 done, attempt 2')
  assert.deepEqual(server.messages()[1]?.conversation?.calls, [
    { name: 'Bash', input: { command: 'ls' }, result: 'a\nb', isError: false },
  ])
})

test('it refuses what the API refuses', async (t) => {
  const { ask } = await model(t, () => says('never'))
  const refused = async (expected: number, pattern: RegExp, answer: Response) => {
    assert.equal(answer.status, expected)
    assert.match(((await answer.json()) as { error: { message: string } }).error.message, pattern)
  }
  await refused(401, /x-api-key/, await ask({ messages: [user('go')] }, { 'x-api-key': 'the token of a run' }))
  await refused(404, /Not found/, await ask({}, {}, '/v1/complete'))
  await refused(400, /at least one/, await ask({ messages: [] }))
  const open = { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'Bash', input: {} }] }
  await refused(400, /without `tool_result`/, await ask({ messages: [user('go'), open, user('and?')] }))
  const stray = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't9', content: '' }] }
  await refused(400, /unexpected `tool_use_id`/, await ask({ messages: [user('go'), stray] }))
  const counted = await ask({ messages: [user('go')] }, {}, '/v1/messages/count_tokens?beta=true')
  assert.ok(((await counted.json()) as { input_tokens: number }).input_tokens > 0)
})

test('it fails in every way that a provider fails', async (t) => {
  let fault: Answer = { is: 'reset' }
  const { ask, server } = await model(t, () => fault)
  const go = (stream: boolean, answer: Answer) => {
    fault = answer
    return ask({ stream, messages: [user('go')] })
  }
  const limited = await go(true, { is: 'status', status: 429, headers: { 'retry-after': '7' } })
  assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '7'])
  assert.match(await limited.text(), /"rate_limit_error"/)
  await assert.rejects(go(true, { is: 'reset' }), /fetch failed/)
  for (const stream of [true, false])
    await assert.rejects(
      go(stream, { is: 'cut', text: 'half' }).then((answer) => answer.text()),
      /terminated/,
    )
  const broken = await go(true, { is: 'stream-error', type: 'overloaded_error', message: 'too much' })
  assert.match(await broken.text(), /event: error\ndata: .*too much/)
  assert.equal((await go(false, { is: 'stream-error', type: 'overloaded_error', message: 'too much' })).status, 529)
  assert.equal(await (await go(true, { is: 'garbage', body: '<html>' })).text(), '<html>')
  assert.deepEqual(server.used(), {}, 'nothing of that was a whole answer')
})

test('a slow answer takes the time that the caller gives it', async (t) => {
  const waits: number[] = []
  const { ask } = await model(
    t,
    () => ({ is: 'message', blocks: [{ is: 'text', text: 'x'.repeat(30) }], deltaMs: 1_000 }),
    async (ms) => void waits.push(ms),
  )
  await (await ask({ stream: true, messages: [user('go')] })).text()
  assert.deepEqual(waits, [1_000, 1_000, 1_000])
})
