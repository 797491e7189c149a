/**
 * From a change in the tracker to an event of a task. The message is durable before anything is done with it, the item
 * is read afresh (a message is a hint), and what people may order is decided here.
 */
import { commandIn } from '#core/comment-commands.ts'
import { sentenceOf, TransientError } from '#core/errors.ts'
import { noEvidence } from '#core/evidence.ts'
import type { Event, Task, WorkItemFacts } from '#core/model.ts'
import { branchOf, taskKey } from '#core/naming.ts'
import type { Millis, TaskId } from '#core/words.ts'
import { apply, type RulesOf } from './engine.ts'
import { digestOf } from './handlers/change.ts'
import type { InboxRow, Store, Tx } from './ports/store.ts'
import type { Person, Tracker, TrackerChange, WorkItem } from './ports/tracker.ts'
import type { Clock, Log } from './ports/world.ts'

export interface IntakeDeps {
  readonly store: Store
  readonly tracker: Tracker
  readonly clock: Clock
  readonly log: Log
  readonly rulesOf: RulesOf
  readonly repoOf: (project: string) => string
  /** May this person order something in this project? */
  readonly isListed: (project: string, person: { readonly id: string; readonly name: string }) => boolean
}

export interface TrackerMessage {
  readonly project: string
  readonly change: TrackerChange
}

/** Keeps what the tracker tells since the last look, and the place to go on from, in one transaction. */
export async function poll({ store, tracker, clock }: IntakeDeps, project: string): Promise<number> {
  const name = `tracker:${project}`
  const cursor = await store.transaction((tx) => tx.cursor(name))
  const told = await tracker.changes(project, cursor)
  if (told.changes.length === 0 && told.cursor === cursor) return 0
  await store.transaction(async (tx) => {
    const at = clock.now()
    for (const change of told.changes)
      await tx.receive({ source: name, key: change.id, body: { project, change } satisfies TrackerMessage }, at)
    await tx.setCursor(name, told.cursor)
  })
  return told.changes.length
}

/**
 * Applies what is due, the words on one work item in the order in which they came: where one has to be tried again
 * later, those after it wait. Returns how many were applied.
 */
export async function applyDue(deps: IntakeDeps): Promise<number> {
  const { reads } = deps.store
  const due = await reads.dueMessages(deps.clock.now(), 20)
  if (due.length === 0) return 0
  const isDue = new Set(due.map(({ id }) => id))
  const waiting = new Set<string>()
  let applied = 0
  for (const row of await reads.dueMessages(Number.MAX_SAFE_INTEGER, 1_000)) {
    const { project, change } = row.body as TrackerMessage
    const about = `${project} ${change.item}`
    if (!waiting.has(about) && isDue.has(row.id) && (await applyMessage(deps, row))) applied += 1
    else waiting.add(about)
  }
  return applied
}

/** Applies one kept message; says whether. What cannot be read now is tried again later; a message is never lost. */
export async function applyMessage(deps: IntakeDeps, row: InboxRow): Promise<boolean> {
  const { store, clock, log } = deps
  const { project, change } = row.body as TrackerMessage
  try {
    const item = actorOf(change).isBot ? null : await deps.tracker.read(project, change.item)
    return await store.transaction(async (tx) => {
      if ((await tx.inboxMessage(row.id)) === null) return false
      const outcome = await applyChange(deps, tx, project, change, item)
      await tx.settleMessage(row.id, outcome, clock.now())
      return true
    })
  } catch (thrown) {
    log.warn(
      { message: row.id, error: thrown instanceof TransientError ? sentenceOf(thrown) : thrown },
      'a message could not be applied yet',
    )
    const wait = Math.min(1_000 * 2 ** row.tries, 60_000)
    await store.transaction((tx) => tx.postponeMessage(row.id, clock.now() + wait))
    return false
  }
}

async function applyChange(
  deps: IntakeDeps,
  tx: Tx,
  project: string,
  change: TrackerChange,
  item: WorkItem | null,
): Promise<string> {
  if (actorOf(change).isBot) return 'our own doing'
  if (item === null) return 'the work item is gone'
  switch (change.is) {
    case 'moved':
      return moved(deps, tx, project, change, item)
    case 'edited':
      return about(deps, tx, project, item, (at) => ({ type: 'item-edited', at, item: factsOf(item) }))
    case 'commented':
      return commented(deps, tx, project, change, item)
  }
}

const STOP_IS_OFF = 'STOP is switched off'
const stops = ({ rulesOf }: Pick<IntakeDeps, 'rulesOf'>, project: string): boolean => rulesOf(project).policy.stop

const actorOf = (change: TrackerChange): Person => (change.is === 'commented' ? change.comment.by : change.by)

/** *To Analyse* by a person opens a task, and *STOP* ends it; every other move is only looked at. */
async function moved(
  deps: IntakeDeps,
  tx: Tx,
  project: string,
  change: Extract<TrackerChange, { is: 'moved' }>,
  item: WorkItem,
): Promise<string> {
  if (change.to === 'stop' && !stops(deps, project)) return STOP_IS_OFF
  if (change.to === 'stop')
    return about(deps, tx, project, item, (at) => ({ type: 'stop', at, by: change.by.name, said: change.at }))
  if (change.to !== 'to-analyse') return `a move to ${change.to ?? 'a status of no meaning here'}`
  const isStopped = item.status === 'stop' && !item.statusBy.isBot && item.statusSince > change.at
  if (isStopped && stops(deps, project)) return 'a STOP came after it'
  await tx.lockAdmission()
  const newest = await tx.newestTaskOf(project, item.id)
  if (newest !== null && newest.task.phase.is !== 'final') return relaunch(deps, tx, newest, change)
  if (newest !== null && change.at < (newest.task.stop ?? { at: newest.task.phase.since }).at)
    return `the move is older than the end of ${newest.task.key}`
  const task = await openTask(deps, tx, project, item, (newest?.rounds ?? 0) + 1, change.by.name)
  return `opened ${task.key}`
}

/** A move that comes before the running task's end is kept and applied at it; in `analysis` it runs the analysis again. */
async function relaunch(
  deps: IntakeDeps,
  tx: Tx,
  { task, openedAt }: { task: Task; openedAt: Millis },
  change: Extract<TrackerChange, { is: 'moved' }>,
): Promise<string> {
  if (change.at <= openedAt || (task.stop !== null && change.at < task.stop.at))
    return `the move is older than ${task.key} or its STOP`
  if (task.stop !== null)
    throw new TransientError(
      `${task.key} is still being stopped; the move of ${change.by.name} is applied when it has ended.`,
    )
  if (task.stage !== 'analysis') return `${task.key} is in ${task.stage} already`
  const applied = await apply(
    tx,
    task.id,
    { type: 'rework', at: deps.clock.now(), by: change.by.name, why: 'moved to To Analyse again', to: 'analysis' },
    deps.rulesOf,
  )
  return applied?.refused ?? `${task.key} is analysed again`
}

async function commented(
  deps: IntakeDeps,
  tx: Tx,
  project: string,
  change: Extract<TrackerChange, { is: 'commented' }>,
  item: WorkItem,
): Promise<string> {
  const { comment } = change
  const command = commandIn(comment.text)
  if (command === null) return 'a comment without an order'
  if (command.is === 'stop' && !stops(deps, project)) return STOP_IS_OFF
  if (!deps.isListed(project, comment.by)) return `${comment.by.name} is not on the project's list of people`
  const by = comment.by.name
  return about(deps, tx, project, item, (at): Event => {
    switch (command.is) {
      case 'approved':
        return { type: 'approved', at, by, said: comment.at }
      case 'rework':
        return { type: 'rework', at, by, why: command.why }
      case 'stop':
        return { type: 'stop', at, by, said: comment.at }
      case 'retry':
        return { type: 'retry', at, by }
      case 'answer':
        return { type: 'answered', at, by, text: command.text }
    }
  })
}

async function about(
  { clock, rulesOf }: IntakeDeps,
  tx: Tx,
  project: string,
  item: WorkItem,
  event: (at: Millis) => Event,
): Promise<string> {
  const newest = await tx.newestTaskOf(project, item.id)
  if (newest === null) return 'no task of this work item'
  const applied = await apply(tx, newest.task.id, event(clock.now()), rulesOf)
  return applied?.refused ?? `applied to ${newest.task.key}`
}

export const factsOf = (item: WorkItem): WorkItemFacts => ({
  id: item.id,
  title: item.title,
  description: item.description,
  digest: digestOf(JSON.stringify([item.title, item.description])),
})

/** A new task, queued, with its status shown. Throws UserError where the item's key cannot name a branch. */
export async function openTask(
  { clock, repoOf }: Pick<IntakeDeps, 'clock' | 'repoOf'>,
  tx: Tx,
  project: string,
  item: WorkItem,
  round: number,
  by: string,
): Promise<Task> {
  const at = clock.now()
  const key = taskKey(item.key, round)
  const repo = repoOf(project)
  const branch = branchOf(key)
  const facts = factsOf(item)
  const task = await tx.insertTask(
    { project, repo, key, branch, item: facts, itemKey: item.key, priority: item.priority, round },
    (id, number) => newTask({ id, number, project, repo, key, branch, item: facts }, at),
    at,
  )
  await tx.appendLog(task.id, { is: 'event', event: { type: 'opened', at, by } }, at)
  await tx.addEffects(task.id, [{ type: 'show-status', key: `${task.id}:queued`, status: 'queued' }], at)
  return task
}

const nothing = { attempts: 0, reworks: 0, transients: 0, crashes: 0, refreshes: 0 }

function newTask(
  known: {
    id: TaskId
    number: number
    project: string
    repo: string
    key: string
    branch: string
    item: WorkItemFacts
  },
  at: Millis,
): Task {
  return {
    ...known,
    stage: 'queued',
    step: 0,
    visit: 0,
    phase: { is: 'waiting', since: at, on: 'let-in', sentence: 'waits to be let in' },
    lane: false,
    runs: 0,
    used: nothing,
    granted: nothing,
    allowances: 0,
    agent: { wish: {}, once: null },
    evidence: noEvidence,
    lineage: [],
    base: null,
    window: null,
    stop: null,
    notes: [],
    ending: null,
    spent: {},
  }
}
