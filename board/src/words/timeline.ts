import type { TimelineEntry } from '../../../src/core/view.ts'
import { plain } from './plain.ts'
import { sentence } from './sentence.ts'
import { capital, STAGE_TITLES, type StageName } from './stages.ts'

/** The entry's title, with the stages called as everywhere else on the board. */
export function titleOf({ is, title, by }: TimelineEntry): string {
  if (is === 'moved') return plain(title.split(' → ').map(stageTitle).join(' → '))
  // The neutral voice, which is nobody's role.
  return is === 'comment' && by === 'stream' ? sentence(title.replace(/^stream/, 'Orch')) : sentence(title)
}

/** Who it was, unless the title begins with them. */
export function byOf({ is, title, by }: TimelineEntry): string | null {
  if (by === null || title.toLowerCase().startsWith(by.toLowerCase())) return null
  return is === 'comment' ? capital(plain(by)) : `by ${plain(by)}`
}

/** What is said beneath the title, unless it only says again who it was. */
export const textOf = ({ text, by }: TimelineEntry): string | null =>
  text === null || text === `as ${by}` ? null : plain(text)

/** The link to the run's log; the run is not named twice in one line. */
export const runLinkOf = ({ title, run }: TimelineEntry): string =>
  run !== null && title.includes(`run ${run}`) ? 'log' : `run ${run}`

const stageTitle = (name: string): string => STAGE_TITLES[name as StageName] ?? name
