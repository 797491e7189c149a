/** What becomes of tasks, in Orch's log: one line a fact. The store keeps the whole story; this is for who reads logs. */
import type { Event } from '#core/model.ts'
import type { Reads, Story } from '#engine/ports/store.ts'
import type { Log } from '#engine/ports/world.ts'

export interface StoryLine {
  readonly level: 'info' | 'warn'
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** Only what is worth a line; null for the rest. */
export function lineOf(story: Story): StoryLine | null {
  switch (story.is) {
    case 'moved':
      return info('a task moved', { from: story.from, to: story.to, why: story.why })
    case 'held':
      return warn('a task is on hold', { reason: story.reason, sentence: story.sentence })
    case 'verdict':
      return story.verdict === 'fail' ? info('a gate failed', { gate: story.gate, sentence: story.sentence }) : null
    case 'event':
      return ofEvent(story.event)
    case 'note':
    case 'effect':
      return null
  }
}

function ofEvent(event: Event): StoryLine | null {
  switch (event.type) {
    case 'agent-set':
      return info('a person set what a task’s agents run with', { by: event.by, wish: event.wish })
    case 'opened':
      return info('a task was opened', { by: event.by })
    case 'run-started':
      return info('a run started', { run: event.run, role: event.role, host: event.host })
    case 'run-finished':
      return info('a run finished', {
        run: event.run,
        role: event.role,
        ...(event.usage ? { usage: event.usage } : {}),
      })
    case 'run-failed':
      return warn('a run failed', { run: event.run, role: event.role, failure: event.failure })
    case 'run-asked':
      return info('a run asks', { run: event.run, role: event.role })
    case 'run-lost':
      return warn('a run was lost', { run: event.run, why: event.why })
    case 'run-stopped':
      return info('a run was stopped', { run: event.run })
    case 'approved':
    case 'rework':
    case 'retry':
    case 'answered':
    case 'stop':
      return info('a person decided', { by: event.by, order: event.type })
    case 'pr-merged':
    case 'pr-closed':
      return info('a person ended a pull request', { by: event.by, as: event.type })
    case 'let-in':
    case 'observed':
    case 'window-opened':
    case 'effect-failed':
    case 'item-edited':
    case 'deadline':
      return null
  }
}

const info = (message: string, fields: StoryLine['fields']): StoryLine => ({ level: 'info', message, fields })
const warn = (message: string, fields: StoryLine['fields']): StoryLine => ({ level: 'warn', message, fields })

const BATCH = 500

/** Logs whatever is told from now on, in order. Returns what ends it, once the last line is written. */
export async function logStories(
  reads: Pick<Reads, 'lastStoryId' | 'storySince' | 'taskRow'>,
  subscribe: (listener: () => void) => () => void,
  log: Log,
): Promise<() => Promise<void>> {
  let last = await reads.lastStoryId()
  let again = false
  let reading: Promise<void> | null = null
  const keys = new Map<number, string | null>()
  const keyOf = async (task: number): Promise<string | null> => {
    if (!keys.has(task)) keys.set(task, (await reads.taskRow(task))?.task.key ?? null)
    return keys.get(task) ?? null
  }
  const read = async (): Promise<void> => {
    while (again) {
      again = false
      const rows = await reads.storySince(last, BATCH)
      for (const { id, task, story } of rows) {
        const line = lineOf(story)
        if (line !== null) log[line.level]({ task: await keyOf(task), ...line.fields }, line.message)
        if (story.is === 'moved' && (story.to === 'done' || story.to === 'cancelled')) keys.delete(task)
        last = id
      }
      if (rows.length === BATCH) again = true
    }
  }
  const look = (): void => {
    again = true
    // What could not be read now is read with the next change.
    reading ??= read()
      .catch((error: unknown) => log.debug({ error }, 'the story of tasks could not be read'))
      .finally(() => {
        reading = null
      })
  }
  const unsubscribe = subscribe(look)
  return async () => {
    unsubscribe()
    look()
    await reading
  }
}
