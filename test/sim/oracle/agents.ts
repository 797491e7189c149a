/** What must hold of agents' runs: nobody asks a provider that is left alone, one tries it, and all that was used is booked. */
import type { Breaker } from '#core/breaker.ts'
import type { Usage } from '#core/model.ts'
import { addUsage, totalOf } from '#core/usage.ts'
import type { RunRow } from '#engine/ports/store.ts'
import { type Commit, isOpenRun, type OracleEnv } from './view.ts'

type Breakers = Readonly<Record<string, Breaker>>

export function createAgentsCheck(env: OracleEnv): (commit: Commit, breakers: Breakers) => void {
  let before: Breakers = {}
  return (commit, now) => {
    const begun = [...commit.now.runs.values()].filter(
      (run) =>
        run.role !== null && run.state === 'admitted' && (commit.before.runs.get(run.id)?.state ?? 'ready') === 'ready',
    )
    for (const [provider, breaker] of Object.entries(now)) checkBreaker(env, commit, before[provider], breaker, begun)
    before = now
    checkBooks(env, commit)
    checkStory(env, commit)
  }
}

/** The simulation has one provider, and every agent's run needs it. */
function checkBreaker(
  { worlds, witness, sometimes }: OracleEnv,
  { now }: Commit,
  was: Breaker | undefined,
  is: Breaker,
  begun: readonly RunRow[],
): void {
  const names = begun.map(({ id }) => id).join()
  const at = worlds.scheduler.now()
  if (begun.length > 0 && was?.is === 'open' && is.is === 'open' && Math.min(was.until, is.until) > at)
    witness.violated('a provider is left alone until its time', `${names} may start ${is.until - at} ms early`)
  if (begun.length > 0 && was?.is === 'half-open' && is.is === 'half-open' && was.probe === is.probe)
    witness.violated('one probe at a time', `${names} may start while ${is.probe} tries`)
  if (is.is === 'half-open' && (was?.is !== 'half-open' || was.probe !== is.probe) && names !== is.probe)
    witness.violated('one probe at a time', `${is.probe} tries, and ${names || 'nobody'} may start`)
  if (was === is) return
  if (was?.is !== 'open' && was?.is !== 'half-open' && is.is === 'open') sometimes.saw('breaker: opened')
  if (was?.is === 'half-open' && is.is === 'open') sometimes.saw('breaker: probe failed')
  if (was?.is === 'half-open' && is.is === 'closed') {
    const probe = now.runs.get(was.probe)
    if (probe !== undefined && isOpenRun(probe)) return
    sometimes.saw('breaker: probe succeeded')
    if (probe?.state === 'lost' || probe?.state === 'cancelled')
      witness.violated('a breaker closes by an answer', `${probe.id} was ${probe.state}, and the breaker is closed`)
  }
}

/** What a task has spent is what its ended agents' runs have used, and each is counted once. */
function checkBooks({ witness }: OracleEnv, { before, now }: Commit): void {
  const ended = new Map<number, RunRow[]>()
  for (const run of now.runs.values()) {
    const isBooked = run.state === 'done' || run.state === 'failed' || run.usage !== null
    if (run.role === null || isOpenRun(run) || !isBooked) continue
    ended.set(run.task, [...(ended.get(run.task) ?? []), run])
  }
  for (const [id, task] of now.tasks) {
    const runs = ended.get(id) ?? []
    if (before.tasks.get(id) === task && runs.every((run) => before.runs.get(run.id) === run)) continue
    const used = runs.reduce<Usage>((sum, { usage }) => addUsage(sum, usage ?? {}), {})
    const spent = totalOf(task.spent)
    if (spent.runs !== runs.length)
      witness.violated('every run is paid for once', `${task.key}: ${spent.runs} counted, ${runs.length} made`)
    if (shown(spent.usage) !== shown(used))
      witness.violated('what was used is booked', `${task.key}: ${shown(spent.usage)} booked, ${shown(used)} used`)
  }
}

const shown = ({ input, output, cacheRead, costUsd }: Usage): string =>
  [input, output, cacheRead, costUsd?.toFixed(6)].join(' ')

function checkStory({ witness, sometimes }: OracleEnv, { now, story }: Commit): void {
  for (const { task, story: one } of story) {
    if (one.is === 'held' && one.reason === 'budget-soft') sometimes.saw('budget: asked')
    if (one.is === 'held' && one.reason === 'budget-spent') sometimes.saw('budget: spent')
    if (one.is !== 'event' || one.event.type !== 'run-failed' || one.event.facts?.change === undefined) continue
    const { facts, failure, run } = one.event
    sometimes.saw('run: work kept after a failure')
    if (failure.class !== 'transient' && failure.code !== 'budget')
      witness.violated('work of a bad run is not kept', `${run} failed with ${failure.code}`)
    if (facts?.artefacts !== undefined && Object.keys(facts.artefacts).length > 0)
      witness.violated('an unfinished document counts for nothing', `${run} of ${now.tasks.get(task)?.key}`)
  }
}
