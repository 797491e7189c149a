import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startWeb } from './world.ts'

const said = (stream: string) => [...stream.matchAll(/^(?:event|data): (.*)$/gm)].map(([, text]) => text)

test('a run has a log for people and the raw stream beside it, each told to its end', async (t) => {
  const web = await startWeb(t)
  const task = await web.task()
  await web.run(task, {})
  const log = web.runLogs.open(`${task}.1`)
  log.append('I read the code.')
  log.raw('{"type":"assistant"}')
  await log.close()
  const end = ['end', '{"state":"done"}']
  assert.deepEqual(said((await web.get(`/api/runs/${task}.1/log`)).body), ['line', '"I read the code."', ...end])
  const raw = ['line', JSON.stringify('{"type":"assistant"}'), ...end]
  assert.deepEqual(said((await web.get(`/api/runs/${task}.1/log?raw=1`)).body), raw)
  assert.equal((await web.get(`/api/runs/${task}.1/log?raw=yes`)).json.error, 'raw must be one of 0, 1.')
})

test('the raw stream is followed as it grows', async (t) => {
  const web = await startWeb(t)
  const task = await web.task()
  const { id } = await web.run(task, { state: 'admitted', endedAt: null })
  const say = async (line: string) => {
    const log = web.runLogs.open(id)
    log.raw(line)
    await log.close()
  }
  let waits = 0
  web.whileWaiting = async () => {
    waits += 1
    await say(`line ${waits}`)
    if (waits === 2) await web.store.transaction((tx) => tx.updateRun(id, ['admitted'], { state: 'failed' }))
  }
  assert.deepEqual(said((await web.get(`/api/runs/${id}/log?raw=1&follow=0`)).body), ['so-far', '{"state":"admitted"}'])
  const { body } = await web.get(`/api/runs/${id}/log?raw=1`)
  assert.deepEqual(said(body), ['line', '"line 1"', 'line', '"line 2"', 'end', '{"state":"failed"}'])
})
