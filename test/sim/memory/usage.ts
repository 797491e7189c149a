/** Sums over what agents' runs used, from the rows in memory: the same as the SQL statements answer. */
import type { Usage } from '#core/model.ts'
import { addUsage } from '#core/usage.ts'
import type { Reads, RunRow } from '#engine/ports/store.ts'
import type { Tables } from './tables.ts'

type Answer<K extends 'spending' | 'usage'> = Awaited<ReturnType<Reads[K]>>
type Query<K extends 'spending' | 'usage'> = Parameters<Reads[K]>[0]

const agentsOf = ({ runs }: Tables) => [...runs.values()].filter(({ kind }) => kind === 'agent')
const sum = (rows: readonly RunRow[]) => rows.reduce<Usage>((total, { usage }) => addUsage(total, usage ?? {}), {})

export function spendingOf(tables: Tables, { since, task, except }: Query<'spending'>): Answer<'spending'> {
  const rows = agentsOf(tables).filter(({ id }) => id !== except)
  return {
    task: sum(rows.filter((row) => row.task === task)),
    day: sum(rows.filter(({ startedAt }) => startedAt !== null && startedAt >= since)),
  }
}

export function usageOf(tables: Tables, { by, from, to, project }: Query<'usage'>): Answer<'usage'> {
  const groups = new Map<string, RunRow[]>()
  for (const run of agentsOf(tables)) {
    const { startedAt } = run
    if (startedAt === null || startedAt < from || startedAt >= to) continue
    if (project !== undefined && run.project !== project) continue
    const name = {
      role: run.role ?? '',
      project: run.project,
      task: tables.tasks.get(run.task)?.task.key ?? '',
      day: new Date(startedAt).toISOString().slice(0, 10),
      model: run.usage?.model ?? 'unknown',
    }[by]
    groups.set(name, [...(groups.get(name) ?? []), run])
  }
  const rows = [...groups].map(([name, runs]) => ({
    name,
    runs: runs.length,
    ms: runs.reduce((ms, { startedAt, endedAt }) => ms + (endedAt === null ? 0 : endedAt - (startedAt ?? 0)), 0),
    usage: sum(runs),
  }))
  const cost = ({ usage }: (typeof rows)[number]) => usage.costUsd ?? -1
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  return rows.sort((a, b) => (by === 'day' ? byName(b, a) : cost(b) - cost(a) || byName(a, b)))
}
