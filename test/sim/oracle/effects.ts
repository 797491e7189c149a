/** What must hold of the outbox: what goes out, what is called done, and what is given up. */
import type { EffectRow } from '#engine/ports/store.ts'
import { UNREACHABLE } from '../worlds/outside.ts'
import { type Commit, isBeingStopped, type OracleEnv } from './view.ts'

const LEFT_FOR_THE_CANCELLED = ['salvage', 'remove-workspace', 'close-pr', 'settle-merge', 'delete-branch']

const SETTLED: readonly EffectRow['state'][] = ['done', 'failed', 'skipped']

/** May it still go out for a stopped task? */
export const isLeft = ({ task, effect }: EffectRow): boolean =>
  LEFT_FOR_THE_CANCELLED.includes(effect.type) ||
  (effect.type === 'show-status' && effect.status === 'cancelled') ||
  effect.key === `${task}:cancelled`

/** An effect goes out only while it is wanted, and is called done only when the world has it. */
export function createEffectsCheck({ worlds, plan, witness, sometimes }: OracleEnv): (commit: Commit) => void {
  /** When each effect was claimed, since it last waited. */
  const claims = new Map<number, number[]>()
  /** A deliverer that was held up for longer than its claim may still write what it found. */
  const hasLapsed = (id: number) =>
    claims.get(id)?.some((at) => worlds.scheduler.now() - at >= plan.timing.effectClaimMs) === true

  return ({ before, now }) => {
    for (const [id, row] of now.effects) {
      const was = before.effects.get(id)
      if (was === row) continue
      const { effect } = row
      if (row.state === 'started' && row.tries > (was?.tries ?? 0))
        claims.set(id, [...(claims.get(id) ?? []), worlds.scheduler.now()])
      if (was && SETTLED.includes(was.state) && was.state !== row.state && !hasLapsed(id))
        witness.violated('a settled effect stays settled', `${effect.key} was ${was.state} and is ${row.state}`)
      if (row.state === 'pending') claims.delete(id)
      if (was && row.state === 'started' && row.tries > was.tries) {
        if (was.state === 'started') sometimes.saw('effect: delivered again after a crash')
        const task = before.tasks.get(row.task)
        const isOld = [...before.tasks.values()].some((one) => one.item.id === task?.item.id && one.id > row.task)
        if (effect.type === 'show-status' && isOld)
          witness.violated('only the newest task shows its status', `${effect.key} is begun, and there is a newer task`)
        const isStopped = task?.stage === 'cancelled' || (task && isBeingStopped(task))
        if (isStopped && !isLeft(row))
          witness.violated(
            'nothing goes out after STOP',
            `${effect.type} ${effect.key} is begun, and ${task.key} is stopped`,
          )
      }
      if (row.state === 'done' && was?.state === 'started' && effect.type === 'comment') {
        const posted = worlds.tracker.posted.get(effect.key)
        if (posted?.text !== effect.text || posted.item !== now.tasks.get(row.task)?.item.id)
          witness.violated('done means done', `the comment ${effect.key} is not in the tracker`)
      }
      if (row.state === 'failed' && was?.state !== 'failed') {
        sometimes.saw('effect: refused for good')
        if (UNREACHABLE.includes(row.sentence ?? ''))
          witness.violated('what can be tried again is not given up', `${effect.key} failed: ${row.sentence}`)
      }
      if (row.state === 'skipped' && row.sentence === 'out of date' && was?.state !== 'skipped')
        sometimes.saw('effect: skipped as out of date')
    }
  }
}
