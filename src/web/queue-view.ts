/** `GET /queue`: why everything that waits, waits. */

import type { ScheduleRules } from '#core/schedule.ts'
import { byTurn, schedule } from '#core/schedule.ts'
import type { QueueView } from '#core/view.ts'
import type { Millis } from '#core/words.ts'
import type { Reads } from '#engine/ports/store.ts'
import { breakerViews } from './breakers.ts'

export async function queueView(
  reads: Reads,
  rules: ScheduleRules,
  isSerial: boolean,
  now: Millis,
): Promise<QueueView> {
  const [facts, live, tasks, freezes, windows, effects, claims, breakers] = await Promise.all([
    reads.queueFacts(),
    reads.liveRuns(),
    reads.openTasks(),
    reads.freezes(),
    reads.windows(),
    reads.effectCounts(),
    reads.effectClaims(),
    reads.breakers(),
  ])
  // Begun, and nobody is at it: whether it was done outside is seen by the next delivery.
  const unknown = Math.max(0, effects.started - claims.length)
  const { waits } = schedule(facts, rules, now)
  const keyOf = new Map(tasks.map((task) => [task.id, task.key]))
  const key = (id: number) => keyOf.get(id) ?? `task ${id}`
  const count = (state: string) => live.filter((run) => run.state === state).length
  const repos = [...new Set([...facts.lanes, ...facts.waiting].map(({ repo }) => repo))].sort()
  return {
    at: now,
    jobs: { ready: count('ready'), admitted: count('admitted'), cancelling: count('cancelling') },
    runs: live.map((run) => ({
      run: run.id,
      task: key(run.task),
      kind: run.kind,
      role: run.role,
      state: run.state,
      host: run.host?.name ?? null,
      since: run.startedAt ?? run.readyAt,
      why: waits.runs.get(run.id) ?? null,
    })),
    gates: tasks.flatMap(({ key: task, phase }) =>
      phase.is === 'gated' ? [{ task, gate: phase.on, sentence: `waits for ${phase.on}` }] : [],
    ),
    serial_gate: {
      enabled: isSerial,
      lanes: repos.map((repo) => ({
        repo,
        owner: facts.lanes.find((lane) => lane.repo === repo)?.key ?? null,
        waiting: facts.waiting
          .filter((waiting) => waiting.repo === repo)
          .sort(byTurn)
          .map((waiting, index) => ({
            task: key(waiting.task),
            position: index + 1,
            why: waits.tasks.get(waiting.task) ?? 'is about to be let in',
          })),
      })),
    },
    freeze: freezes,
    dependencies: [],
    stop: tasks.flatMap((task) =>
      task.stop === null
        ? []
        : [
            {
              task: task.key,
              by: task.stop.by,
              since: task.stop.at,
              sentence: task.window === null ? 'its processes are being ended' : 'stopping after deploy',
            },
          ],
    ),
    reaper: { lost: tasks.reduce((sum, { used }) => sum + used.crashes, 0) },
    breakers: breakerViews(breakers, now),
    leases: windows,
    watch: [],
    effects: { pending: effects.pending + effects.started - unknown, unknown, failed: effects.failed },
  }
}
