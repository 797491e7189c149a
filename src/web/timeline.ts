/** One line of a task's story, in words. */

import { HOLDS } from '#core/holds.ts'
import type { Event } from '#core/model.ts'
import { describeUsage } from '#core/usage.ts'
import type { TimelineEntry } from '#core/view.ts'
import type { LoggedStory, Story } from '#engine/ports/store.ts'

type Words = Pick<TimelineEntry, 'is' | 'title' | 'text' | 'by' | 'tone' | 'run'>

const words = (is: TimelineEntry['is'], title: string, more: Partial<Words> = {}): Words => ({
  is,
  title,
  text: null,
  by: null,
  tone: 'plain',
  run: null,
  ...more,
})

/** null for what only the machine needs to know. */
export function timelineEntry({ id, at, story }: LoggedStory): TimelineEntry | null {
  const said = wordsOf(story)
  return said === null ? null : { id, at, ...said }
}

function wordsOf(story: Story): Words | null {
  switch (story.is) {
    case 'event':
      return ofEvent(story.event)
    case 'moved':
      return words('moved', `${story.from} → ${story.to}`, {
        text: story.why,
        tone: story.to === 'done' ? 'good' : story.to === 'cancelled' ? 'bad' : 'plain',
      })
    case 'verdict':
      return words('verdict', `gate ${story.gate}: ${story.verdict}`, {
        text: story.sentence,
        tone: story.verdict === 'pass' ? 'good' : story.verdict === 'fail' ? 'bad' : 'waiting',
      })
    case 'held':
      return words('held', `on hold: ${HOLDS[story.reason].title}`, { text: story.sentence, tone: 'bad' })
    case 'note':
      return words('note', story.sentence)
    case 'effect':
      if (story.effect.type === 'comment')
        return words('comment', `${story.effect.voice} commented`, { text: story.effect.text, by: story.effect.voice })
      return words('note', story.outcome)
  }
}

function ofEvent(event: Event): Words | null {
  switch (event.type) {
    case 'opened':
      return words('event', 'opened', { by: event.by })
    case 'let-in':
      return words('event', 'let in')
    case 'run-started':
      return words('run', `run ${event.run} started`, {
        by: event.role,
        run: event.run,
        text: event.role === null ? null : `as ${event.role}`,
      })
    case 'run-finished':
      return words('run', `run ${event.run} finished`, {
        by: event.role,
        run: event.run,
        tone: 'good',
        text: event.usage ? describeUsage(event.usage) : null,
      })
    case 'run-failed':
      return words('run', `run ${event.run} failed`, {
        by: event.role,
        run: event.run,
        tone: 'bad',
        text: event.failure.sentence,
      })
    case 'run-asked':
      return words('run', `run ${event.run} asks`, {
        by: event.role,
        run: event.run,
        tone: 'waiting',
        text: event.question,
      })
    case 'run-lost':
      return words('run', `run ${event.run} was lost`, { run: event.run, tone: 'bad', text: event.why })
    case 'run-stopped':
      return words('run', `run ${event.run} was stopped`, { run: event.run })
    case 'approved':
      return words('event', 'approved', { by: event.by, tone: 'good' })
    case 'rework':
      return words('event', 'sent back', { by: event.by, text: event.why, tone: 'bad' })
    case 'retry':
      return words('event', 'granted one more try', { by: event.by })
    case 'agent-set':
      return words('event', 'set what its agents run with', { by: event.by })
    case 'answered':
      return words('event', 'answered', { by: event.by, text: event.text })
    case 'stop':
      return words('event', 'STOP', { by: event.by, tone: 'bad' })
    case 'pr-merged':
      return words('event', 'merged the pull request by hand', { by: event.by })
    case 'pr-closed':
      return words('event', 'closed the pull request', { by: event.by, tone: 'bad' })
    case 'item-edited':
      return words('event', 'the work item was edited')
    case 'deadline':
      return words('event', `the deadline for ${event.name} has passed`, { tone: 'bad' })
    case 'observed':
    case 'window-opened':
    case 'effect-failed':
      return null
  }
}
