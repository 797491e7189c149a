import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TransientError } from '../../src/core/errors.ts'
import { createPatience } from '../../src/main/demo/patience.ts'

test('what cannot be read for a while is told once, and given up when it lasts', async () => {
  let now = 0
  const said: string[] = []
  const { attempt } = createPatience(
    () => now,
    (sentence) => void said.push(sentence),
  )
  const fail = async () => {
    throw new TransientError('The disk is full.')
  }
  assert.equal(await attempt(async () => 7), 7)
  for (now of [1_000, 60_000, 121_000]) assert.equal(await attempt(fail), null)
  assert.deepEqual(said, ['Waits: The disk is full.'])
  assert.equal(await attempt(async () => null), null)
  now = 130_000
  assert.equal(await attempt(fail), null, 'it went on in between, so that time begins anew')
  assert.equal(said.length, 2)
  now = 251_000
  await assert.rejects(attempt(fail), /The disk is full/)
  await assert.rejects(
    attempt(async () => {
      throw new Error('a bug')
    }),
    /a bug/,
  )
})
