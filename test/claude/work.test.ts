/** The real CLI does real work through our runtime: what it is told, what it does, what it reports. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Answer, bash, calls, says, type Tokens } from './messages.ts'
import { createRoles } from './roles.ts'
import { KEY, lastResult, MODEL, promptFor, world } from './world.ts'

test('the developer repairs the sample with the tools of the CLI, and every step is an event', async (t) => {
  const { workspace, start, model } = await world(t, createRoles())
  const at = await workspace()
  const played = start(at)
  const result = await played.result
  assert.equal(result.is, 'completed', JSON.stringify(result))
  assert.match(readFileSync(join(at.dir, 'src/slug.js'), 'utf8'), /\[\^a-z0-9\]\+/)
  assert.match(readFileSync(join(at.dir, 'CHANGELOG.md'), 'utf8'), /TASK-1/)
  assert.match(model.messages().at(-1)?.conversation?.calls.at(-1)?.result ?? '', /pass 3/, 'its tests ran')
  const tools = played.events.flatMap((event) => (event.is === 'tool' ? [event.name] : []))
  assert.deepEqual(tools, ['Read', 'Edit', 'Read', 'Write', 'Bash'])
  assert.ok(played.events.some((event) => event.is === 'text' && event.text.includes('is done')))
  assert.deepEqual(result.models, [MODEL])
})

test('it is told the prompt, the rules of the house and CLAUDE.md, with the model and effort that were chosen', async (t) => {
  const { workspace, start, model, doors } = await world(t, () => says('Understood.'))
  const at = await workspace({ files: { 'CLAUDE.md': 'Tabs are for pianists.\n' } })
  const prompt = { ...promptFor('analyst'), rules: 'The house has a cat.' }
  const { result } = start(at, { prompt, choice: { model: 'claude-opus-4-6', effort: 'low', fallback: null } })
  assert.equal((await result).is, 'completed')
  const [request] = model.messages()
  assert.ok(request)
  for (const text of [prompt.text, prompt.rules, 'Tabs are for pianists.'])
    assert.ok(JSON.stringify(JSON.parse(request.raw)).includes(JSON.stringify(text).slice(1, -1)), text)
  assert.deepEqual(request.conversation?.told.at(-1), prompt.text)
  assert.equal(request.conversation?.model, 'claude-opus-4-6')
  assert.equal(request.conversation?.effort, 'low')
  assert.equal(request.headers['x-api-key'], KEY, 'the real key comes from the gateway')
  const token = doors[0]?.token ?? ''
  assert.ok(token.length > 20)
  assert.ok(!JSON.stringify([request.headers, request.raw]).includes(token), 'the token of the run goes no further')
})

test('usage and cost: the runtime, the gateway, the CLI and the model agree to the token', async (t) => {
  const tokens: Tokens[] = [
    { input: 11, output: 101, cacheRead: 0, cacheWrite: 20_000 },
    { input: 7, output: 33, cacheRead: 20_000, cacheWrite: 301 },
    { input: 3, output: 1, cacheRead: 20_301, cacheWrite: 0 },
  ]
  const { workspace, start, model, doors } = await world(t, ({ calls: done }) => {
    const step: Answer = done.length < 2 ? bash(`echo ${done.length}`) : says('Done.')
    return step.is === 'message' ? { ...step, tokens: tokens[done.length] ?? tokens[0]! } : step
  })
  const played = start(await workspace())
  const { usage, models } = await played.result
  const sum = { input: 21, output: 135, cacheRead: 40_301, cacheWrite: 20_301 }
  assert.deepEqual(model.used(), { [MODEL]: sum })
  const { input, output, cacheRead, cacheCreation, costUsd } = usage
  assert.deepEqual({ input, output, cacheRead, cacheWrite: cacheCreation }, sum)
  const counted = doors[0]?.ledger()
  assert.equal(counted?.requests, 3)
  assert.partialDeepStrictEqual(counted.byModel[MODEL], { input, output, cacheRead, cacheCreation })
  assert.deepEqual(models, [MODEL])
  const said = lastResult(played.events)
  assert.equal(costUsd, said.total_cost_usd)
  const listPrice = (21 * 3 + 135 * 15 + 40_301 * 0.3 + 20_301 * 3.75) / 1e6
  assert.ok(Math.abs((costUsd ?? 0) - listPrice) < 1e-9, `${costUsd} is not ${listPrice}`)
  const told = played.events.flatMap((event) => (event.is === 'usage' ? [event.usage] : []))
  assert.ok(told.length > 1, 'it is told during the run')
  assert.ok(
    told.every(({ output: now = 0 }, at) => now >= (told[at - 1]?.output ?? 0)),
    'it never falls',
  )
})

test('a question ends the run; the answer goes on with the same conversation, and nothing is billed twice', async (t) => {
  const script = createRoles({
    question: {
      role: 'analyst',
      text: 'Which slugs?\nAll, or only new ones?',
      isAnswered: (told) => told.includes('All of them'),
    },
  })
  const { workspace, start, model } = await world(t, script)
  const at = await workspace()
  const prompt = promptFor('analyst')
  const asked = await start(at, { role: 'analyst', prompt }).result
  assert.equal(asked.is, 'asked', JSON.stringify(asked))
  assert.ok(asked.is === 'asked' && asked.session !== null)
  assert.match(asked.question, /^Which slugs\?\nAll, or only new ones\?/)
  const before = model.messages().length
  const later = await workspace({ after: at })
  const resume = { ...asked.session, text: 'The answer is: All of them.' }
  const done = await start(later, { role: 'analyst', prompt, resume }).result
  assert.equal(done.is, 'completed', JSON.stringify(done))
  const [first] = model.messages().slice(before)
  assert.deepEqual(first?.conversation?.told.slice(-2), [prompt.text, resume.text], 'the conversation went on')
  assert.equal(first?.conversation?.calls.length, 1, 'what it had found out is still there')
  assert.match(readFileSync(join(at.dir, 'docs/tasks/TASK-1/01-analysis.md'), 'utf8'), /^problem: /m)
  const total = model.used()[MODEL]
  assert.equal((asked.usage.input ?? 0) + (done.usage.input ?? 0), total?.input)
  assert.equal((asked.usage.output ?? 0) + (done.usage.output ?? 0), total?.output)
  assert.ok(
    Math.abs((asked.usage.costUsd ?? 0) - (done.usage.costUsd ?? 0)) < 1e-9,
    'two answers of the same size each',
  )
})

test('a conversation that is gone is begun afresh from the prompt', async (t) => {
  const { workspace, start, model } = await world(t, () => says('Done.'))
  const resume = { run: 'gone', id: crypto.randomUUID(), usage: {}, text: 'The answer is yes.' }
  const result = await start(await workspace(), { resume }).result
  assert.equal(result.is, 'completed', JSON.stringify(result))
  assert.deepEqual(model.messages()[0]?.conversation?.told.at(-1), promptFor('developer').text)
})

test('a commit of its own is possible, and it is no other author than the workspace says', async (t) => {
  const { workspace, start, model } = await world(t, ({ calls: done }) =>
    done.length === 0
      ? bash('echo x > x && git add x && git commit -qm "x is there" && git log -1 --format=%an')
      : says('Done.'),
  )
  const at = await workspace()
  execFileSync('git', ['-C', at.dir, 'config', 'user.name', 'Orch developer'])
  execFileSync('git', ['-C', at.dir, 'config', 'user.email', 'developer@example.org'])
  assert.equal((await start(at).result).is, 'completed')
  assert.equal(model.messages().at(-1)?.conversation?.calls[0]?.result.trim(), 'Orch developer')
})

test('work in parallel stays apart', async (t) => {
  const { workspace, start } = await world(t, ({ told, calls: done, cwd }) => {
    const key = /task (TASK-\d)/.exec(told.at(-1) ?? '')?.[1] ?? ''
    return done.length === 0 ? calls('Write', { file_path: `${cwd}/mine.txt`, content: key }) : says(`${key} is done.`)
  })
  const spaces = await Promise.all([workspace(), workspace()])
  const results = await Promise.all(
    spaces.map((at, index) => start(at, { prompt: promptFor('developer', `TASK-${index + 1}`) }).result),
  )
  assert.deepEqual(
    results.map((result) => (result.is === 'completed' ? result.text : result)),
    ['TASK-1 is done.', 'TASK-2 is done.'],
  )
  assert.deepEqual(
    spaces.map(({ dir }) => readFileSync(join(dir, 'mine.txt'), 'utf8')),
    ['TASK-1', 'TASK-2'],
  )
})
