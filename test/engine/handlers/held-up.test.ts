import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { agentRun } from '#engine/handlers/agent.ts'
import { checkRun } from '#engine/handlers/check.ts'
import type { Forge } from '#engine/ports/forge.ts'
import type { Processes } from '#engine/ports/processes.ts'
import type { Repositories, Workspaces } from '#engine/ports/repositories.ts'
import type { RunLogs } from '#engine/ports/run-logs.ts'
import type { Store } from '#engine/ports/store.ts'
import type { Log } from '#engine/ports/world.ts'
import type { Project } from '#engine/project.ts'
import type { RunContext } from '#engine/worker.ts'
import { at } from '../../core/support/tasks.ts'

/** A worker whose claim was lost while it was fetching: what does it still do with the task's folder? */
async function afterFetching(kind: 'agent' | 'check'): Promise<{ outcome: unknown; made: string[] }> {
  const work = new AbortController()
  const made: string[] = []
  const repositories = {
    async fetch() {
      work.abort('fenced')
      return 'base-1'
    },
  } as unknown as Repositories
  const workspaces = {
    async create({ label }: { label: string }) {
      made.push(label)
      throw new Error('the folder was taken')
    },
  } as unknown as Workspaces
  const forge = { base: async () => 'main', remote: async () => ({ url: 'x', env: {} }) } as unknown as Forge
  const project = {
    author: () => ({ name: 'Orch', email: 'o@x' }),
    check: { command: 'c' },
    spending: { run: {}, task: {}, day: {} },
  } as unknown as Project
  const runLogs = { open: () => ({ append() {}, close: async () => {} }) } as unknown as RunLogs
  const task = at('development', 'running', kind === 'agent' ? 0 : 1)
  const context = { task, run: { id: '7.3', role: 'developer', artefact: null }, signal: work.signal }
  const clock = { now: () => 0, sleep: async () => {} }
  const store = { reads: { spending: async () => ({ task: {}, day: {} }) } } as unknown as Store
  const world = { forge, repositories, workspaces, runLogs, store, clock, log: {} as Log, secrets: () => [] }
  const shared = { ...world, projectOf: () => project }
  const handle =
    kind === 'agent'
      ? agentRun(shared)
      : checkRun({ ...shared, processes: {} as Processes, tools: [], env: { PATH: '', LANG: '' } })
  const outcome = await handle(context as unknown as RunContext).catch((thrown: Error) => thrown.message)
  return { outcome, made }
}

describe('a worker that was held up until its claim was gone', () => {
  for (const kind of ['agent', 'check'] as const)
    it(`does not take the folder from the run after it: ${kind}`, async () => {
      assert.deepEqual(await afterFetching(kind), { outcome: { is: 'stopped' }, made: [] })
    })
})
