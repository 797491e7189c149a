import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { aTask, orch, startOrch, TOKEN } from './world.ts'

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
      /^7\.1 +analysis +analyst +done +1m +900 in \/ 80 out +wrote the analysis$/m,
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
    await check(['next', 'SHOP-1'], 'next', {})
    await check(['stop', 'SHOP-1'], 'stop', {})
    assert.equal(ids.size, 6)
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
