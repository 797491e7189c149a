import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AT, startWeb, type WebWorld } from './world.ts'

const DAY = 24 * 60 * 60 * 1000
const MIDNIGHT = Date.UTC(2026, 0, 31)

/** Two runs that said what they used, and one that did not. */
async function used(web: WebWorld): Promise<void> {
  const [one, two] = [await web.task(), await web.task('Other')]
  const model = 'claude-opus-5-5'
  await web.run(one, { usage: { input: 10, cacheRead: 5, output: 2, costUsd: 0.5, model } })
  await web.run(one, { id: `${one}.2`, role: 'reviewer', startedAt: AT - 2 * DAY, endedAt: AT - 2 * DAY + 1_000 })
  await web.run(two, { usage: { input: 1, output: 1, costUsd: 0.25, model }, startedAt: MIDNIGHT, endedAt: null })
  await web.run(two, { id: `${two}.2`, usage: { input: 999 }, startedAt: AT - 40 * DAY })
  await web.run(two, { id: `${two}.3`, kind: 'check', role: null })
}

test('sums are by role and of the last 30 days where nothing else is said; what nobody reported stays absent', async (t) => {
  const web = await startWeb(t)
  await used(web)
  const sum = { input: 11, cacheRead: 5, output: 3, costUsd: 0.75 }
  assert.deepEqual((await web.get('/api/usage')).json, {
    by: 'role',
    from: AT - 30 * DAY,
    to: AT,
    project: null,
    rows: [
      { name: 'developer', runs: 2, ms: 60_000, usage: sum },
      { name: 'reviewer', runs: 1, ms: 1_000, usage: {} },
    ],
    total: { runs: 3, ms: 61_000, usage: sum },
  })
})

test('each way to sum and each limit counts', async (t) => {
  const web = await startWeb(t)
  await used(web)
  const names = async (query: string) => {
    const { json } = await web.get(`/api/usage?${query}`)
    return json.rows.map(({ name }: { name: string }) => name)
  }
  assert.deepEqual(await names('by=task'), ['SHOP-1', 'SHOP-2'])
  assert.deepEqual(await names('by=project'), ['shop'])
  assert.deepEqual(await names('by=model'), ['claude-opus-5-5', 'unknown'])
  assert.deepEqual(await names('by=day'), ['2026-01-31', '2026-01-29'])
  assert.deepEqual(await names('by=day&from=2026-01-29&to=2026-01-30'), ['2026-01-29'], 'a last day counts in full')
  assert.deepEqual(await names('by=day&to=2026-01-31'), ['2026-01-31', '2026-01-29'])
  assert.deepEqual(await names(`by=task&from=${MIDNIGHT}&to=${MIDNIGHT + 1}`), ['SHOP-2'])
  assert.deepEqual(await names(`by=task&from=${MIDNIGHT - 1}&to=${MIDNIGHT}`), [], 'the end itself is left out')
  assert.deepEqual(await names('project=none'), [])
})

test('what is no time, no way to sum or no period is refused with a sentence', async (t) => {
  const web = await startWeb(t)
  const cases: [string, string][] = [
    ['from=yesterday', 'from is no day as 2026-01-31 and no number of milliseconds since 1970: "yesterday".'],
    ['to=2026-02-30', 'to is no day as 2026-01-31 and no number of milliseconds since 1970: "2026-02-30".'],
    ['to=9999999999999999', 'to is no day as 2026-01-31 and no number of milliseconds since 1970: "9999999999999999".'],
    ['from=-1', 'from is no day as 2026-01-31 and no number of milliseconds since 1970: "-1".'],
    ['from=', 'from is no day as 2026-01-31 and no number of milliseconds since 1970: "".'],
    ['from=2026-01-31&to=2026-01-30', 'from is not before to, so nothing lies between them; turn them round.'],
    ['by=colour', 'by must be one of role, task, project, day, model.'],
    ['since=1', 'The request has an unknown field "since"; leave it out.'],
  ]
  for (const [query, error] of cases) {
    const { status, json } = await web.get(`/api/usage?${query}`)
    assert.deepEqual([status, json.error], [400, error])
  }
})
