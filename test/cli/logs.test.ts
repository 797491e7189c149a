import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readEvents } from '../../src/cli/sse.ts'
import { orch, startOrch } from './world.ts'

describe('the log of a run', () => {
  test('that has ended is printed whole, and its end is told beside it', async (t) => {
    const world = await startOrch(t)
    const expected = { code: 0, out: 'one\ntwo\n', err: 'Run 7.1 has ended: done.\n' }
    assert.deepEqual(await orch(world, ['logs', '7.1']), expected)
    assert.deepEqual(await orch(world, ['logs', '7.1', '-f']), expected)
    assert.deepEqual(
      world.seen.map(({ url }) => url),
      ['/api/runs/7.1/log?follow=0', '/api/runs/7.1/log'],
    )
  })

  test('can be read raw, with and without following', async (t) => {
    const world = await startOrch(t)
    await orch(world, ['logs', '7.1', '--raw'])
    await orch(world, ['logs', '7.1', '--raw', '-f'])
    assert.deepEqual(
      world.seen.map(({ url }) => url),
      ['/api/runs/7.1/log?follow=0&raw=1', '/api/runs/7.1/log?raw=1'],
    )
  })

  test('that goes on is printed as far as it is, and the command ends', async (t) => {
    const world = await startOrch(t)
    world.log = { lines: ['one'], state: null }
    assert.deepEqual(await orch(world, ['logs', '7.1']), {
      code: 0,
      out: 'one\n',
      err: 'Run 7.1 goes on; follow it with -f.\n',
    })
  })

  test('that goes on is followed with -f until the run ends', async (t) => {
    const world = await startOrch(t)
    world.log = { lines: ['one'], state: null }
    const onOut = (text: string) => {
      if (text === 'one\n') world.say('line', 'two')
      if (text === 'two\n') world.say('end', { state: 'failed' })
    }
    assert.deepEqual(await orch(world, ['logs', '7.1', '--follow'], { onOut }), {
      code: 0,
      out: 'one\ntwo\n',
      err: 'Run 7.1 has ended: failed.\n',
    })
  })

  test('that is cut off while it is followed is an error, because lines may be missing', async (t) => {
    const world = await startOrch(t)
    world.log = { lines: ['one'], state: null }
    const { code, out, err } = await orch(world, ['logs', '7.1', '-f'], { onOut: () => world.hangUp() })
    assert.deepEqual([code, out], [1, 'one\n'])
    assert.match(err, /^The connection to Orch was lost before the end of the log; run the same command again\.\n$/)
  })

  test('is one JSON document with --json', async (t) => {
    const world = await startOrch(t)
    const { out } = await orch(world, ['logs', '7.1', '--json'])
    assert.deepEqual(JSON.parse(out), { run: '7.1', state: 'done', lines: ['one', 'two'] })
  })

  test('cannot steer the terminal, and keeps its blanks', async (t) => {
    const world = await startOrch(t)
    world.log = { lines: ['  \u001b[31mred\u001b[0m\tx\u0007\u009b2J\u202Eend'], state: 'done' }
    assert.equal((await orch(world, ['logs', '7.1'])).out, '  red    x··end\n')
  })

  test('of a run that is not there is the server’s sentence', async (t) => {
    const world = await startOrch(t)
    world.instead = (_, response) => {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"There is no run \\"9.9\\"."}')
      return true
    }
    assert.deepEqual(await orch(world, ['logs', '9.9']), { code: 1, out: '', err: 'There is no run "9.9".\n' })
  })
})

test('events are read whole, however the network cuts them', async () => {
  const text =
    ': comment\r\n\r\nevent: a\r\ndata: 1\r\n\r\ndata: two\ndata:  lines\nid: 5\nretry: 10\n\nevent: empty\n\nevent: ü\ndata\n\ndata: cut off'
  const bytes = new TextEncoder().encode(text)
  for (const size of [1, 2, 3, 7, bytes.length]) {
    const chunks = async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size)
    }
    const events = []
    for await (const event of readEvents(chunks())) events.push(event)
    assert.deepEqual(events, [
      { event: 'a', data: '1' },
      { event: 'message', data: 'two\n lines' },
      { event: 'ü', data: '' },
    ])
  }
})
