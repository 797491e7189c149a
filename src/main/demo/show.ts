/** The demo's way to tell what happens: one line each, aligned, without JSON. */
import { pipeline } from '#core/pipeline.ts'
import { isWorkStage, type Millis, type StageName } from '#core/words.ts'
import type { LoggedStory } from '#engine/ports/store.ts'

export interface Show {
  line(text: string): void
  /** Tells what is new of the task's story. */
  story(entries: readonly LoggedStory[]): void
}

const MARKS = { pass: '✓', fail: '✗', pending: '…', human: '!' } as const

export function createShow(write: (text: string) => void, startedAt: Millis, colour: boolean): Show {
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const begun = new Map<string, Millis>()
  let stage: StageName = 'queued'
  const line = (text: string) => write(`${text}\n`)
  const clock = (at: Millis) => {
    const seconds = Math.max(0, Math.round((at - startedAt) / 1000))
    return paint(2, `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`)
  }
  const roleOf = () => (isWorkStage(stage) ? pipeline[stage].role : '')
  const tell = (at: Millis, who: string, text: string) =>
    line(`${clock(at)}  ${stage.padEnd(15)} ${who.padEnd(10)} ${text}`)

  const one = ({ at, story }: LoggedStory) => {
    switch (story.is) {
      case 'moved':
        stage = story.to
        if (story.to === 'done' || story.to === 'cancelled') tell(at, '', paint(1, story.to))
        else line(`${clock(at)}  ${paint(1, stage.padEnd(15))} ${paint(2, story.why)}`)
        return
      case 'verdict':
        line(
          `       ${' '.repeat(26)} ${paint(story.verdict === 'pass' ? 32 : story.verdict === 'fail' ? 31 : 33, MARKS[story.verdict])} ${story.gate.padEnd(21)} ${story.sentence}`,
        )
        return
      case 'held':
        tell(at, '', paint(31, `ON HOLD: ${story.sentence}`))
        return
      case 'note':
        tell(at, '', story.sentence)
        return
      case 'effect':
        if (story.effect.type === 'ensure-pr') tell(at, '', story.outcome)
        return
      case 'event':
        return event(at, story.event)
    }
  }

  const event = (at: Millis, said: Extract<LoggedStory['story'], { is: 'event' }>['event']) => {
    switch (said.type) {
      case 'opened':
        return tell(at, '', `opened by ${said.by}`)
      case 'run-started':
        begun.set(said.run, at)
        return tell(at, said.role ?? 'orch', `run ${said.run} started`)
      case 'run-finished':
        return tell(
          at,
          said.role ?? 'orch',
          `run ${said.run} finished after ${((at - (begun.get(said.run) ?? at)) / 1000).toFixed(1)} s`,
        )
      case 'run-failed':
        return tell(at, said.role ?? roleOf(), paint(31, `run ${said.run} failed: ${said.failure.sentence}`))
      case 'approved':
        return tell(at, said.by, 'approved the analysis')
      default:
        return
    }
  }
  return { line, story: (entries) => entries.forEach(one) }
}
