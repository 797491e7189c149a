/** When all has come to rest, and what must be true then: nothing hangs, nothing is lost, nothing is left lying about. */
import { headOf } from '#core/evidence.ts'
import type { Task } from '#core/model.ts'
import { schedule } from '#core/schedule.ts'
import { ROBOT } from '../people.ts'
import { BASE } from '../worlds/forge-world.ts'
import { isOpenRun, isOver, type OracleEnv, type View } from './view.ts'

const isWaitingForAPerson = ({ phase }: Task): boolean =>
  phase.is === 'held' || (phase.is === 'waiting' && phase.on === 'approval')

/** Why there is still something going on; null when nothing is. */
export async function unrestOf({ worlds }: OracleEnv, { tasks, runs, effects }: View): Promise<string | null> {
  const run = [...runs.values()].find(isOpenRun)
  if (run) return `run ${run.id} is ${run.state}`
  const effect = [...effects.values()].find(({ state }) => state === 'pending' || state === 'started')
  if (effect) return `${effect.effect.type} ${effect.effect.key} is ${effect.state}: ${effect.sentence}`
  if (!worlds.tracker.isFedBy(worlds.scheduler.now() - 30_000)) return 'the tracker still has news'
  const messages = await worlds.storeWorld.ledger.openMessages()
  if (messages.length > 0) return `${messages.length} messages are not applied`
  const moving = [...tasks.values()].find(
    (task) => !isOver(task) && !isWaitingForAPerson(task) && task.stage !== 'queued',
  )
  return moving
    ? `${moving.key} is ${moving.stage}, ${moving.phase.is} ${'on' in moving.phase ? moving.phase.on : ''}`
    : null
}

/** After faults have stopped and all is quiet: who waits, waits for a person, and no wish of a person was lost. */
export async function checkRest(env: OracleEnv, view: View): Promise<void> {
  const { worlds, plan, acts, witness } = env
  const facts = await worlds.storeWorld.store.reads.queueFacts()
  const { letIn, waits } = schedule(facts, plan.schedule, worlds.scheduler.now())
  for (const task of view.tasks.values()) {
    if (task.stage === 'queued' && (letIn.includes(task.id) || !waits.tasks.get(task.id)))
      witness.violated('who waits is told why', `${task.key} may be let in and is not`)
    const opened = moveBefore(env, task)
    const stop = acts.stops.find(({ item, at, isCertain }) => isCertain && item === task.item.id && at > opened)
    // Where the feed tells a later change first, a STOP may have been heard before the move that it was to stop.
    const isInOrder = plan.faults.feedLate === 0 || (stop !== undefined && stop.at > task.phase.since)
    if (!isOver(task) && stop && opened > 0 && isInOrder)
      witness.violated(
        'STOP is not lost',
        `${task.key} was stopped at ${stop.at} and is ${task.stage}, ${task.phase.is}`,
      )
  }
  for (const task of view.tasks.values()) checkPull(env, task)
  for (const item of worlds.tracker.items) checkWish(env, view, item.id)
}

/** What a person did to the pull request is known by now. */
function checkPull({ worlds: { forge }, witness }: OracleEnv, { key, repo, phase, evidence }: Task): void {
  const pull = evidence.pr === undefined ? null : forge.pull(repo, evidence.pr.number)
  if (phase.is === 'final' || pull === null || pull.state === 'open' || pull.endedBy?.isBot !== false) return
  const isKnown =
    pull.state === 'merged'
      ? evidence.merge !== undefined || (phase.is === 'held' && phase.reason === 'foreign-merge')
      : evidence.pr?.state === 'closed' || evidence.merge !== undefined
  if (!isKnown) witness.violated('what people did to a pull request is known', `#${pull.number} of ${key}`)
}

/** When a person last asked for the task that was opened then. */
function moveBefore({ worlds }: OracleEnv, task: Task): number {
  const since = task.phase.since
  const moves = worlds.tracker.moves.filter(
    ({ item, to, by, at }) => item === task.item.id && to === 'to-analyse' && !by.isBot && at <= since,
  )
  return moves.at(-1)?.at ?? 0
}

/** A person's last move to *To Analyse* has led to a task, unless the one before it was still at work. */
function checkWish({ worlds, plan, acts, witness }: OracleEnv, { tasks }: View, item: string): void {
  // Where the feed tells a later change first, the order of a person's words is lost.
  if (plan.faults.feedLate > 0) return
  const asks = worlds.tracker.moves.filter((move) => move.item === item && move.to === 'to-analyse' && !move.by.isBot)
  const last = asks.at(-1)
  if (last === undefined || acts.stops.some((stop) => stop.item === item && stop.at >= last.at)) return
  const newest = [...tasks.values()].filter((task) => task.item.id === item).at(-1)
  if (newest === undefined) witness.violated('a move to To Analyse opens a task', `${item} has none`)
  if (newest === undefined || !isOver(newest)) return
  const stop = acts.stops.filter((one) => one.item === item && one.isCertain && one.at < last.at).at(-1)
  const isAfterEnd = last.at > newest.phase.since
  const isAfterStop =
    newest.stop !== null &&
    // An order counts from when it is carried out: a move that came while it was on its way came before it.
    newest.stop.at < last.at &&
    stop !== undefined &&
    !asks.some(({ at }) => at > stop.at && at < last.at) &&
    asks.filter(({ at }) => at < stop.at).length <= [...tasks.values()].filter((task) => task.item.id === item).length
  if (isAfterEnd || (isAfterStop && stop.at < last.at && newest.stop !== null && newest.stop.by !== 'nobody'))
    witness.violated(
      'a move after STOP or end opens a task again',
      `${item}: the last move came after the end of ${newest.key}`,
    )
}

/** Everything has ended: what is left in the worlds? */
export function checkEnd({ worlds, acts, witness, sometimes, plan }: OracleEnv, view: View): void {
  const { forge, checkouts, tracker } = worlds
  for (const task of view.tasks.values()) {
    const { key, repo, branch, stage } = task
    for (const label of [key, `${key}.check`])
      if (checkouts.list().includes(label))
        witness.violated('workspaces are removed', `${label} is there, ${key} is ${stage}`)
    const last = [...forge.moves].reverse().find((move) => move.repo === repo && move.branch === branch)
    // Nothing stops a push whose deliverer hung for longer than its claim: the clean-up may have been made before it.
    const isLate = last?.isLate === true || (plan.faults.stall > 0 && last !== undefined && last.at > task.phase.since)
    const isTheirs = acts.touchedBranches.has(branch) || isLate
    if (forge.tip(repo, branch) !== null && !isTheirs)
      witness.violated('branches are deleted', `${branch} is there, ${key} is ${stage}`)
    const open = forge.pulls(repo).find(({ head, state }) => head === branch && state === 'open')
    if (open && !isTheirs)
      witness.violated('pull requests are closed', `#${open.number} of ${key} is open, and it is ${stage}`)
    if (stage === 'cancelled') checkCancelled(task)
    // A call that hangs may be carried out when later ones have been.
    if (plan.faults.outsideError === 0 && plan.faults.stall === 0) checkStatus(task)
  }

  function checkCancelled(task: Task): void {
    sometimes.saw(task.evidence.merge ? 'end: cancelled after its merge' : 'end: cancelled')
    const head = headOf(task)
    const kept = [...checkouts.refs].filter(([ref]) => ref.startsWith(`${task.repo}:refs/orch/salvage/${task.key}/`))
    if (head !== null && !kept.some(([, sha]) => sha === head))
      witness.violated('work is salvaged', `nothing is kept of ${task.key}`)
    const told = [...tracker.posted.values()].find(({ key }) => key === `${task.id}:cancelled`)?.text ?? ''
    for (const { repo, branch, by, to } of forge.moves) {
      const isMerge = repo === task.repo && branch === BASE && by.isBot && to !== null
      if (!isMerge || !forge.pulls(repo).some((pull) => pull.merge === to && pull.head === task.branch)) continue
      if (!told.includes(to.slice(0, 10)))
        witness.violated('what is merged is told', `${task.key} was merged by Orch as ${to}, and people read: ${told}`)
    }
  }

  function checkStatus(task: Task): void {
    const item = tracker.item(task.item.id)
    const isNewest = [...view.tasks.values()].filter((one) => one.item.id === task.item.id).at(-1) === task
    if (item?.statusBy.isBot && item.statusBy.id !== ROBOT.id && isNewest && item.status !== task.stage)
      witness.violated(
        'the tracker shows the end',
        `${task.key} is ${task.stage}, and the tracker shows ${item.status}`,
      )
  }
}
