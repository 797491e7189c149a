import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readMerge } from '#engine/handlers/read-merge.ts'
import type { Repositories } from '#engine/ports/repositories.ts'
import { at } from '../../core/support/tasks.ts'

it('a merge that was made late is found also where the branch’s base has gone past it since', async () => {
  // base: start ← late merge of `head` ← more; the branch has brought `more` in, so its base is `more`.
  const sinceBase = new Map([['head', 'late-merge']])
  const repositories = {
    isAncestor: async () => true,
    findMerge: async (_: string, since: string) => sinceBase.get(since) ?? null,
    treeWithout: async () => 'tree',
  } as unknown as Repositories
  const found = await readMerge(repositories, { ...at('testing', 'running'), base: 'more' }, 'head', 'more')
  assert.deepEqual(found?.merge, { head: 'head', base: 'more', merge: 'late-merge', by: 'orch', treeEqual: true })
})
