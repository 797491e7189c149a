/** What must hold of what people order: who may, once each, and only a person's move opens a task. */
import { commandIn } from '#core/comment-commands.ts'
import type { Event, PersonEvent } from '#core/model.ts'
import { isListed } from '../people.ts'
import type { Commit, OracleEnv } from './view.ts'

/** Only a person's move to *To Analyse*, after the end or STOP of the item's task before it, opens a task. */
export function createIntakeCheck({ worlds, acts, witness, sometimes }: OracleEnv): (commit: Commit) => void {
  return ({ before, now }) => {
    for (const [id, task] of now.tasks) {
      if (before.tasks.has(id)) continue
      const earlier = [...before.tasks.values()].filter((one) => one.item.id === task.item.id)
      const last = earlier.at(-1)
      const moves = worlds.tracker.moves.filter(
        (move) => move.item === task.item.id && move.to === 'to-analyse' && !move.by.isBot,
      )
      if (moves.length <= earlier.length)
        witness.violated('only a person’s move opens a task', `${task.key} has ${moves.length} moves`)
      if (last === undefined) continue
      sometimes.saw('tracker: item moved to To Analyse again after the end')
      const stopped = acts.stops.filter(({ item }) => item === task.item.id)
      const from = Math.min(last.phase.since, ...stopped.map(({ at }) => at))
      if (!moves.some(({ at }) => at >= from))
        witness.violated('only a later move opens a task again', `${task.key} after ${last.key}`)
    }
  }
}

/** What is said about one work item is applied in the order in which it came. */
export function checkTurns({ witness }: OracleEnv, { before, now }: Commit): void {
  const open = new Set(now.messages.map(({ id }) => id))
  for (const { id, item } of before.messages) {
    if (open.has(id)) continue
    const passed = now.messages.find((other) => other.item === item && other.id < id)
    if (passed) witness.violated('words on an item keep their turn', `message ${id} was applied before ${passed.id}`)
  }
}

const ORDERS = { approved: 'approved', rework: 'rework', stop: 'stop', retry: 'retry', answered: 'answer' } as const
const isOrder = (event: Event): event is PersonEvent & { type: keyof typeof ORDERS } => event.type in ORDERS

/** What a person said once is done at most once, and only where they may say it. */
export function createOrdersCheck({ worlds, witness }: OracleEnv): (commit: Commit) => void {
  const done = new Map<string, number>()
  return ({ now, story }) => {
    for (const { task: id, story: entry } of story) {
      if (entry.is !== 'event' || !isOrder(entry.event)) continue
      const { type, by } = entry.event
      const item = now.tasks.get(id)?.item.id ?? ''
      const name = `${type} ${by} ${item}`
      const times = (done.get(name) ?? 0) + 1
      done.set(name, times)
      if (times > said(item, type, by))
        witness.violated('an order is carried out once', `${type} by ${by} of ${item}, for the ${times}. time`)
    }
  }

  /** How often they said it: a request has one name; comments and moves are counted in the tracker. */
  function said(item: string, type: keyof typeof ORDERS, by: string): number {
    if (by.includes('/')) return 1
    const comments = worlds.tracker
      .comments(item)
      .filter((one) => one.by.name === by && commandIn(one.text)?.is === ORDERS[type] && isListed('', one.by))
    const to = type === 'stop' ? 'stop' : type === 'rework' ? 'to-analyse' : null
    const moves = worlds.tracker.moves.filter((one) => one.item === item && one.by.name === by && one.to === to)
    return comments.length + (to === null ? 0 : moves.length)
  }
}
