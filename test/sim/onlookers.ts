/** People who wait for the moment: they act when a task comes to its merge, is held at work, or nobody knows of its merge. */
import type { Task } from '#core/model.ts'
import type { Sha, TaskId } from '#core/words.ts'
import { type Act, type Crowd, chooseActAtMerge, pushBase, stop } from './people-acts.ts'

export interface Onlookers {
  /** A commit changed this task. */
  onTask(was: Task | undefined, task: Task): void
  /** The forge gave no clear answer to a merge of this head. */
  onUnclearMerge(head: Sha): void
}

export function createOnlookers(
  crowd: Crowd,
  tasks: () => ReadonlyMap<TaskId, Task>,
  isCalm: () => boolean,
): Onlookers {
  const { plan, random, people, worlds } = crowd
  const { scheduler } = worlds
  const actor = scheduler.actor('people')
  /** Does it to the task as it is by then; nobody acts once all is to become calm. */
  const later = (what: string, ms: number, task: Task, act: Act) =>
    scheduler.later(actor, what, ms, () => {
      if (!isCalm()) void scheduler.busy(Promise.resolve(act(crowd, [tasks().get(task.id) ?? task])))
    })

  return {
    onTask(was, task) {
      if (isCalm()) return
      const isHeldAtWork = task.phase.is === 'held' && task.ending !== null && was?.phase.is !== 'held'
      if (isHeldAtWork && random.chance(0.7))
        later('somebody answers at once', random.between(0, 3_000), task, (_, [one = task]) =>
          people.request(one, { is: random.chance(0.5) ? 'stop' : 'retry' }),
        )
      const isMoment = task.stage === 'deploy' && (was?.stage !== 'deploy' || (!was.window && task.window !== null))
      if (!isMoment || !random.chance(plan.moods.watch)) return
      const ms = random.between(0, task.window === null ? 2_500 : 600)
      later('somebody sees the merge coming', ms, task, (...about) => chooseActAtMerge(crowd)(...about))
    },
    onUnclearMerge(head) {
      const task = [...tasks().values()].find((one) => one.window?.head === head)
      if (isCalm() || task === undefined || !random.chance(plan.moods.watch / 2)) return
      later('somebody pushes meanwhile', random.between(0, 3_000), task, pushBase)
      if (random.chance(0.6)) later('somebody has had enough', random.between(8_000, 40_000), task, stop)
    },
  }
}
