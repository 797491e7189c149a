/**
 * What people order through CLI, API and board. Applied in the request's own transaction, so that the answer is the
 * truth; unique by request id, so that a repeated request is answered again and not done again.
 */
import type { AgentWish } from '#core/agent-choice.ts'
import { UserError } from '#core/errors.ts'
import type { Event } from '#core/model.ts'
import { checkTitle } from '#core/naming.ts'
import type { StageName, TaskId } from '#core/words.ts'
import { apply } from './engine.ts'
import { type IntakeDeps, openTask } from './intake.ts'

export type Order =
  | { readonly is: 'approve'; readonly subject?: string }
  | { readonly is: 'rework'; readonly why: string; readonly to?: StageName }
  | { readonly is: 'answer'; readonly text: string }
  /** `wish` counts for the next agent run alone. */
  | { readonly is: 'retry'; readonly wish?: AgentWish }
  /** Model, effort and fallback for all of the task's runs to come; what is empty is unset. */
  | { readonly is: 'agent'; readonly wish: AgentWish }
  | { readonly is: 'stop' }
  | { readonly is: 'next' }

export interface Ordered {
  readonly done: boolean
  /** Why it was refused. */
  readonly sentence: string
}

/** Throws UserError when there is no such task. */
export async function order(
  { store, clock, rulesOf }: Pick<IntakeDeps, 'store' | 'clock' | 'rulesOf'>,
  id: TaskId,
  by: string,
  wanted: Order,
  requestId: string,
): Promise<Ordered> {
  return store.transaction(async (tx) => {
    const at = clock.now()
    const found = await tx.task(id)
    if (found === null) throw new UserError(`There is no task ${id}.`)
    const source = `order:${id}`
    // The same id on another order is another request.
    const key = `${wanted.is} ${requestId}`
    if ((await tx.receive({ source, key, body: { by, wanted } }, at)) === 'known')
      return JSON.parse((await tx.answerOf(source, key)) ?? '{"done":true,"sentence":""}') as Ordered
    const answer = wanted.is === 'next' ? await makeNext() : await carryOut(wanted, found.project)
    await tx.settleAnswer(source, key, JSON.stringify(answer), at)
    return answer

    async function carryOut(order: Exclude<Order, { is: 'next' }>, project: string): Promise<Ordered> {
      if (order.is === 'stop' && !rulesOf(project).policy.stop) return { done: false, sentence: STOP_IS_OFF }
      return answerOf(await apply(tx, id, eventOf(order, by, at), rulesOf))
    }

    async function makeNext(): Promise<Ordered> {
      const task = await tx.task(id)
      if (task?.stage !== 'queued')
        return { done: false, sentence: `${task?.key} is in ${task?.stage} and waits for no turn.` }
      await tx.setNext(id, true, at)
      await tx.appendLog(id, { is: 'note', sentence: `${by} put it next` }, at)
      return { done: true, sentence: '' }
    }
  })
}

const STOP_IS_OFF =
  'STOP is switched off here, so nothing was done; set stop_status.enabled (ORCH_STOP_STATUS_ENABLED) to true to have it.'

const answerOf = (applied: { refused?: string } | null): Ordered => ({
  done: applied?.refused === undefined,
  sentence: applied?.refused ?? '',
})

function eventOf(wanted: Exclude<Order, { is: 'next' }>, by: string, at: number): Event {
  switch (wanted.is) {
    case 'approve':
      return { type: 'approved', at, by, ...(wanted.subject === undefined ? {} : { subject: wanted.subject }) }
    case 'rework':
      return { type: 'rework', at, by, why: wanted.why, ...(wanted.to === undefined ? {} : { to: wanted.to }) }
    case 'answer':
      return { type: 'answered', at, by, text: wanted.text }
    case 'retry':
      return { type: 'retry', at, by, ...(wanted.wish === undefined ? {} : { wish: wanted.wish }) }
    case 'agent':
      return { type: 'agent-set', at, by, wish: wanted.wish }
    case 'stop':
      return { type: 'stop', at, by }
  }
}

export interface Draft {
  readonly title: string
  readonly description: string
  readonly priority: number
}

/**
 * Creates a work item and moves it to *To Analyse*, as a person would; the task is opened at once, so that the answer
 * can name it. A crash in between heals: the move is found in the tracker. Returns the task's key.
 */
export async function create(
  deps: IntakeDeps,
  project: string,
  draft: Draft,
  by: string,
  requestId: string,
): Promise<string> {
  const title = checkTitle(draft.title)
  const item = await deps.tracker.create(project, { ...draft, title, by, requestId })
  if (item.status === null) await deps.tracker.moveAs(project, item.id, 'to-analyse', by)
  return deps.store.transaction(async (tx) => {
    // The move is being told to the inbox, too: one of the two opens the task, and the other finds it.
    await tx.lockAdmission()
    const newest = await tx.newestTaskOf(project, item.id)
    return newest?.task.key ?? (await openTask(deps, tx, project, item, 1, by)).key
  })
}
