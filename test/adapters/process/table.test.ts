import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readProcess } from '../../../src/adapters/process/identity.ts'
import { findTree } from '../../../src/adapters/process/table.ts'
import { createWorld, listen } from './support.ts'

describe('the tree of a program', () => {
  it('never holds a stranger that got the number of a program long gone', async () => {
    await using world = createWorld()
    const { onLine, saw } = listen()
    const stranger = world.sh('sleep 60 & echo up; wait', { onLine })
    await saw('up')
    const row = readProcess(stranger.identity.pid)!
    const gone = { ...row, startTime: String(Number(row.startTime) - 1) }
    assert.deepEqual(findTree(gone, 'ORCH_PROCESS=of-the-one-gone', false), [])
    assert.equal(findTree(row, 'ORCH_PROCESS=whatever', false).length, 2)
    assert.equal(findTree(row, 'ORCH_PROCESS=whatever', true).length, 2)
    stranger.stop('shutdown')
    await stranger.result
  })
})
