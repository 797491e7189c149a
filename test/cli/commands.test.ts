import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { anAgent, aQueue, aTask, orch, someUsage, startOrch, TOKEN } from './world.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('reading', () => {
  test('task list shows each task with its state and why it waits', async (t) => {
    const world = await startOrch(t)
    world.tasks.set('SHOP-2', aTask({ key: 'SHOP-2', stage: 'done', phase: 'final', why: null, cleaningUp: true }))
    const { code, out } = await orch(world, ['task', 'list'])
    assert.equal(code, 0)
    const [head, first, second] = out.split('\n').map((line) => line.split(/ {2,}/))
    assert.deepEqual(head, ['TASK', 'STAGE', 'STATE', 'SINCE', 'TITLE', 'WHY IT WAITS'])
    assert.deepEqual(first, [
      'SHOP-1',
      'analysis',
      'waiting',
      '3m',
      'Add a login',
      'waits for a person to approve the analysis',
    ])
    assert.deepEqual(second, ['SHOP-2', 'done', 'cleaning up', '3m', 'Add a login'])
  })

  test('task list asks for what it was asked for, and says when there is nothing', async (t) => {
    const world = await startOrch(t)
    world.tasks.clear()
    const words = ['task', 'list', '--project', 'shop', '--state', 'all', '--limit', '5', '--before', '1-2']
    assert.match((await orch(world, words)).out, /^There is no task; `orch task create/)
    assert.equal(world.seen.at(-1)?.url, '/api/tasks?project=shop&state=all&limit=5&before=1-2')
  })

  test('task show tells stages, runs, gates, artefacts and the timeline', async (t) => {
    const { out, code } = await orch(await startOrch(t), ['task', 'show', 'SHOP-1'])
    assert.equal(code, 0)
    for (const expected of [
      /^SHOP-1 Add a login$/m,
      /^SHOP-1 is in analysis, waiting since 3m\.$/m,
      /^Why it waits: waits for a person/m,
      /^You can: orch task approve SHOP-1$/m,
      /^Pull request +#4 open http:\/\/forge/m,
      /^Used +1 agent run, 45\.2k in \/ 12\.1k out · \$0\.21$/m,
      /^analysis +analyst +current +1 +1m$/m,
      /^7\.1 +analysis +analyst +done +1m +claude-opus-5-5 · high +900 in \/ 80 out +wrote the analysis$/m,
      /^analysis +artefact-valid +pass +01-analysis\.md is complete$/m,
      /^analysis +docs\/tasks\/SHOP-1\/01-analysis\.md +7\.1$/m,
      /^2026-01-31 \d\d:\d\d:\d\d +queued → analysis +the lane is free$/m,
    ])
      assert.match(out, expected)
  })

  test('explain tells each gate with verdict and sentence, the wait, the budgets and the runs', async (t) => {
    const { out, code } = await orch(await startOrch(t), ['explain', 'SHOP-1'])
    assert.equal(code, 0)
    for (const expected of [
      /^Why it waits: waits for a person/m,
      /^analysis +artefact-valid +pass +01-analysis/m,
      /^analysis +approved +pending +nobody approved yet$/m,
      /^attempts +1 +3$/m,
      /^reworks +5 +5$/m,
      /^7\.1 +analysis/m,
    ])
      assert.match(out, expected)
    assert.doesNotMatch(out, /Timeline/)
  })

  test('explain tells of each agent’s run why it got what it got, and what answered', async (t) => {
    const world = await startOrch(t)
    const [run] = aTask().runs
    const second = {
      ...run!,
      id: '7.2',
      agent: anAgent({ models: ['claude-haiku-5-5'], fellBack: true, resumes: '7.1' }),
    }
    const check = { ...run!, id: '7.3', kind: 'check', role: null, agent: null } as const
    world.tasks.set('SHOP-1', aTask({ runs: [run!, second, check], agent: { model: 'claude-opus-5-5' } }))
    const { out } = await orch(world, ['explain', 'SHOP-1'])
    const [, first, other, ...none] = out.split(/^Run 7\.\d: analyst on claude\n/m)
    assert.deepEqual(first?.trim().split('\n'), [...anAgent().reasons, 'answered by claude-opus-5-5'])
    assert.deepEqual(other?.trim().split('\n'), [
      ...anAgent().reasons,
      'goes on with the conversation of run 7.1',
      'answered by claude-haiku-5-5: it fell back from the chosen model',
    ])
    assert.deepEqual(none, [], 'a check has no agent')
    const shown = (await orch(world, ['task', 'show', 'SHOP-1'])).out
    assert.match(shown, /^Agents +model claude-opus-5-5, set for this task$/m)
    assert.match(shown, /^7\.2 .* claude-opus-5-5 · high · fell back to claude-haiku-5-5 /m)
  })

  test('queue tells what runs, what waits, and why', async (t) => {
    const { out, code } = await orch(await startOrch(t), ['queue'])
    assert.equal(code, 0)
    for (const expected of [
      /^1 running, 1 ready to run, 0 being ended; 2 outside writes on their way, 0 unclear, 1 failed\.$/m,
      /^8\.1 +SHOP-2 +check +ready +5s +all 4 slots are taken$/m,
      /^shop belongs to SHOP-1$/m,
      /1\. +SHOP-4 +the lane of shop belongs to SHOP-1$/m,
      /^shop +by ada since .* +audit$/m,
      /^SHOP-5 +by ada since 1s +its processes are being ended$/m,
      /^SHOP-3 +ci +waits for ci$/m,
    ])
      assert.match(out, expected)
  })

  test('queue tells in a sentence which providers are not asked now', async (t) => {
    const world = await startOrch(t)
    assert.doesNotMatch((await orch(world, ['queue'])).out, /Providers/)
    const closed = { state: 'closed', why: null, since: null, until: null, probe: null } as const
    const open = {
      ...closed,
      state: 'open',
      provider: 'anthropic',
      sentence: 'anthropic is not asked for 40 s more: x',
    } as const
    world.queue = aQueue({ breakers: [open, { ...closed, provider: 'openai', sentence: 'openai is asked as usual.' }] })
    const { out } = await orch(world, ['queue'])
    assert.match(out, /^Providers of models\nanthropic is not asked for 40 s more: x\n/m)
    assert.doesNotMatch(out, /openai/)
  })

  test('usage is a table with its sum, and a dash where nothing was reported', async (t) => {
    const world = await startOrch(t)
    const words = ['usage', '--by', 'day', '--from', '2026-01-01', '--to', '2026-01-31', '--project', 'shop']
    const { out, code } = await orch(world, words)
    assert.equal(code, 0)
    assert.equal(world.seen.at(-1)?.url, '/api/usage?by=day&from=2026-01-01&to=2026-01-31&project=shop')
    assert.deepEqual(
      out
        .trim()
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
      [
        ['What agents used in runs begun from 2026-01-01 to 2026-01-31 12:00 (UTC):'],
        ['ROLE', 'RUNS', 'TIME', 'IN', 'CACHED', 'OUT', 'COST'],
        ['developer', '2', '12m', '45.2k', '38.1k', '12.1k', '$0.21'],
        ['reviewer', '1', '9s', '–', '–', '–', '–'],
        ['tester', '1', '9s', '40', '–', '0', '–'],
        ['all', '4', '12m', '45.2k', '38.1k', '12.1k', '$0.21'],
      ],
    )
    world.usage = someUsage({ rows: [], project: 'shop' })
    assert.match((await orch(world, ['usage'])).out, /^What agents of shop used .*\nNo agent ran then\.\n$/)
    assert.equal(world.seen.at(-1)?.url, '/api/usage')
    assert.deepEqual(JSON.parse((await orch(world, ['usage', '--json'])).out), world.usage)
    assert.equal((await orch(world, ['usage', '--by', 'colour'])).code, 64)
  })

  test('board prints a link that logs in once', async (t) => {
    const world = await startOrch(t)
    const { out, code } = await orch(world, ['board'])
    assert.deepEqual([code, out], [0, `${world.url}/#login=once-only\n`])
    const { method, url, authorization } = world.seen.at(-1)!
    assert.deepEqual([method, url, authorization], ['POST', '/api/login-codes', `Bearer ${TOKEN}`])
  })

  test('with --json each is one JSON document and nothing else', async (t) => {
    const world = await startOrch(t)
    for (const words of [
      ['task', 'list'],
      ['task', 'show', 'SHOP-1'],
      ['explain', 'SHOP-1'],
      ['queue'],
      ['logs', '7.1'],
    ]) {
      const { out, err, code } = await orch(world, [...words, '--json'])
      assert.equal(code, 0)
      assert.equal(err, '')
      assert.equal(typeof JSON.parse(out), 'object')
    }
    const explained = JSON.parse((await orch(world, ['explain', 'SHOP-1', '--json'])).out)
    assert.deepEqual(
      Object.keys(explained).sort(),
      'actions budgets gates hold key phase runs since stage stopping title why'.split(' '),
    )
  })
})

describe('deciding', () => {
  test('task approve reads the task first and approves exactly what it shows', async (t) => {
    const world = await startOrch(t)
    const { code, out } = await orch(world, ['task', 'approve', 'SHOP-1'])
    assert.equal(code, 0)
    assert.deepEqual(
      world.seen.map(({ method, url }) => `${method} ${url}`),
      ['GET /api/tasks/SHOP-1', 'POST /api/tasks/SHOP-1/approve'],
    )
    const sent = world.seen[1]
    assert.equal(sent?.authorization, `Bearer ${TOKEN}`)
    assert.equal(sent?.body.subject, 'a'.repeat(64))
    assert.match(String(sent?.body.requestId), UUID)
    assert.deepEqual(out.split('\n').slice(0, 3), [
      'Approved SHOP-1 Add a login',
      'What was approved: the analysis, as shown (aaaaaaaaaaaa).',
      'docs/tasks/SHOP-1/01-analysis.md',
    ])
  })

  test('task approve writes nothing where nothing asks for approval', async (t) => {
    const world = await startOrch(t)
    world.tasks.set('SHOP-1', aTask({ actions: ['stop'] }))
    const { code, err, out } = await orch(world, ['task', 'approve', 'SHOP-1'])
    assert.equal(code, 1)
    assert.equal(out, '')
    assert.match(err, /^SHOP-1 asks for no approval now; `orch explain SHOP-1` says/)
    assert.ok(world.seen.every(({ method }) => method === 'GET'))
  })

  test('each order goes to its address with what it carries, and with a request id of its own', async (t) => {
    const world = await startOrch(t)
    world.tasks.set('SHOP-1', aTask({ actions: ['rework', 'answer', 'retry', 'next', 'stop'] }))
    const sent = async (...words: string[]) => {
      const { code, err } = await orch(world, ['task', ...words])
      assert.equal(`${code}${err}`, '0')
      const { url, body } = world.seen.at(-1) as (typeof world.seen)[number]
      const { requestId, ...rest } = body
      return { url, rest, requestId }
    }
    const [base, ids] = ['/api/tasks/SHOP-1', new Set<unknown>()]
    const check = async (words: string[], url: string, rest: object) => {
      const found = await sent(...words)
      assert.deepEqual([found.url, found.rest], [`${base}/${url}`, rest])
      ids.add(found.requestId)
    }
    await check(['rework', 'SHOP-1', 'too', 'vague'], 'rework', { why: 'too vague' })
    await check(['rework', 'SHOP-1', 'no', '--to', 'architecture'], 'rework', { why: 'no', to: 'architecture' })
    await check(['answer', 'SHOP-1', 'use the *second* one'], 'answer', { text: 'use the *second* one' })
    await check(['retry', 'SHOP-1'], 'retry', {})
    const all = ['--model', 'claude-opus-5-5', '--effort', 'max', '--fallback', 'claude-haiku-5-5']
    const wish = { model: 'claude-opus-5-5', effort: 'max', fallback: 'claude-haiku-5-5' }
    await check(['retry', 'SHOP-1', ...all], 'retry', wish)
    await check(['agent', 'SHOP-1', ...all], 'agent', wish)
    await check(['agent', 'SHOP-1', '--model', ''], 'agent', { model: '' })
    await check(['next', 'SHOP-1'], 'next', {})
    await check(['stop', 'SHOP-1'], 'stop', {})
    assert.equal(ids.size, 9)
    const nothing = await orch(world, ['task', 'agent', 'SHOP-1'])
    assert.equal(nothing.code, 64)
    assert.match(
      nothing.err,
      /^say at least one of --model, --effort and --fallback; see `orch task agent --help`\.\n$/,
    )
  })

  test('a refusal is the server’s own sentence', async (t) => {
    const world = await startOrch(t)
    const { code, err } = await orch(world, ['task', 'retry', 'SHOP-1'])
    assert.equal(code, 1)
    assert.equal(err, 'SHOP-1 cannot be retry now; it is in analysis.\n')
    assert.match((await orch(world, ['task', 'show', 'SHOP-9'])).err, /^There is no task "SHOP-9"\.\n$/)
  })

  test('a key is data, never an address', async (t) => {
    const world = await startOrch(t)
    await orch(world, ['task', 'show', '../me?x#y'])
    assert.equal(world.seen.at(-1)?.url, '/api/tasks/..%2Fme%3Fx%23y')
  })

  test('task create takes title, description, project and priority', async (t) => {
    const world = await startOrch(t)
    const words = ['task', 'create', '--title', ' Add a login ', '--priority', '3', '--project', 'shop']
    const { out, code } = await orch(world, [...words, '--description', 'With\na form.'])
    assert.equal(code, 0)
    assert.match(out, /^Created SHOP-2 Add a login\nSHOP-2 is in queued, .*\nWhy it waits: is about to be let in\n$/)
    const { requestId, ...body } = world.seen.at(-1)?.body ?? {}
    assert.deepEqual(body, { project: 'shop', title: 'Add a login', description: 'With\na form.', priority: 3 })
    assert.match(String(requestId), UUID)
    await orch(world, [...words, '--model', 'claude-opus-5-5', '--effort', 'max'])
    assert.deepEqual(world.seen.at(-1)?.body.agent, { model: 'claude-opus-5-5', effort: 'max' })
  })

  test('task create reads a long description from a file or from standard input', async (t) => {
    const world = await startOrch(t)
    writeFileSync(join(world.dataDir, 'text.md'), 'from a file')
    const create = (file: string) =>
      orch(world, ['task', 'create', '--title', 'x', '--description-file', file], {
        input: 'from a pipe',
        cwd: world.dataDir,
      })
    await create('-')
    assert.equal(world.seen.at(-1)?.body.description, 'from a pipe')
    await create('text.md')
    assert.equal(world.seen.at(-1)?.body.description, 'from a file')
    const missing = await create('none.md')
    assert.equal(missing.code, 1)
    assert.match(missing.err, /^The description cannot be read .*none\.md.*standard input\.\n$/)
  })

  test('task create finds the only project, and asks where there are several or none', async (t) => {
    const world = await startOrch(t)
    const create = () => orch(world, ['task', 'create', '--title', 'x'])
    await create()
    assert.equal(world.seen.at(-1)?.body.project, 'shop')
    world.projects.push({ id: 'blog', title: 'Blog', repo: 'blog' })
    assert.match((await create()).err, /^Say in which project with --project: shop, blog\.\n$/)
    world.projects.length = 0
    assert.match((await create()).err, /^This Orch has no project/)
  })

  test('a title that cannot be one is refused before anybody is asked', async (t) => {
    const world = await startOrch(t)
    for (const title of ['  ', 'two\nlines', 'x'.repeat(501)])
      assert.match((await orch(world, ['task', 'create', '--title', title])).err, /^The title [^\n]+\.\n$/)
    assert.equal(world.seen.length, 0)
  })
})
