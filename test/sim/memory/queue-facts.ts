/** What `schedule` reads, from the rows in memory: the same as the SQL statement answers. */
import type { QueueFacts } from '#core/schedule.ts'
import { isFinalStage } from '#core/words.ts'
import type { Tables } from './tables.ts'

export function queueFactsOf({ tasks, openRuns, freezes, breakers }: Tables): QueueFacts {
  const open = [...tasks.values()].filter(({ task }) => !isFinalStage(task.stage))
  const runs = [...openRuns.values()]
  const windows = open.filter(({ task }) => task.window !== null)
  return {
    waiting: open
      .filter(({ task }) => task.stage === 'queued')
      .map(({ task: { id, repo, number }, priority, next }) => ({
        task: id,
        repo,
        number,
        priority,
        next,
        blockers: [],
      })),
    lanes: open.filter(({ task }) => task.lane).map(({ task: { id, key, repo } }) => ({ task: id, key, repo })),
    ready: runs
      .filter(({ state }) => state === 'ready')
      .map(({ id, task, repo, project, kind, role, notBefore, readyAt }) => ({
        run: id,
        task,
        repo,
        project,
        kind,
        role,
        notBefore,
        readyAt,
        inWindow: tasks.get(task)?.task.window !== null,
      })),
    live: runs
      .filter(({ state }) => state !== 'ready')
      .map(({ id, task, project, role }) => ({ run: id, task, project, role })),
    frozen: Object.fromEntries([...freezes.values()].map(({ repo, reason }) => [repo, reason])),
    breakers: Object.fromEntries(breakers),
    windows: Object.fromEntries(windows.map(({ task: { repo, id, key } }) => [repo, { task: id, key }])),
  }
}
