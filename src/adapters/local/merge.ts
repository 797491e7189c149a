import { sentenceOf, TransientError } from '../../core/errors.ts'
import type { Sha } from '../../core/words.ts'
import type { MergeAnswer } from '../../engine/ports/forge.ts'
import type { Author } from '../../engine/ports/repositories.ts'
import { storable } from './database.ts'
import { type Held, recordMerge } from './pull-requests.ts'
import type { PullRequestRow } from './schema.ts'

export interface MergePin {
  readonly head: Sha
  readonly message: string
  readonly by: Author
  readonly isBot: boolean
}

/** How far a merge got, for the case that it is cut short. */
export type Progress = { readonly is: 'begun' | 'moving' } | { readonly is: 'moved'; readonly merge: Sha }

const listed = (paths: readonly string[]): string => {
  const shown = paths.slice(0, 5).map((path) => `"${storable(path)}"`)
  return paths.length > shown.length ? `${shown.join(', ')} and ${paths.length - shown.length} more` : shown.join(', ')
}

/**
 * Merges a pull request whose record was brought up to date before, or says why not. The branch moves first, then the record: what
 * Git says is the truth, and the record is healed by it.
 */
export const mergeOnce = async (
  held: Held,
  row: PullRequestRow,
  pin: MergePin,
  reached: (progress: Progress) => void,
): Promise<MergeAnswer> => {
  const { bare } = held
  const name = `Pull request #${row.number}`
  if (row.state === 'merged' && row.merge_sha !== null) {
    if (row.head_sha === pin.head) return { is: 'merged', merge: row.merge_sha }
    return { is: 'not-open', sentence: `${name} was merged before, at ${row.head_sha}.` }
  }
  if (row.state !== 'open') return { is: 'not-open', sentence: `${name} is closed.` }
  const tips = await bare.tips([row.head, row.base])
  const base = tips.get(row.base)
  if (tips.get(row.head) !== pin.head) {
    return { is: 'head-moved', sentence: `${name} is not merged, because "${row.head}" is no longer at ${pin.head}.` }
  }
  if (row.head_sha !== pin.head) {
    return { is: 'later', sentence: `${name} is not merged yet, because "${row.head}" was moved this moment.` }
  }
  if (base === undefined) {
    return { is: 'refused', sentence: `${name} is not merged, because its base "${row.base}" does not exist.` }
  }
  if (await bare.isAncestor(pin.head, base)) {
    return { is: 'refused', sentence: `${name} has nothing to merge: "${row.base}" contains ${pin.head} already.` }
  }
  const made = await bare.makeMerge(base, pin.head, pin.by, storable(pin.message), held.at)
  if (made.is === 'unrelated') {
    return {
      is: 'refused',
      sentence: `${name} is not merged, because "${row.head}" and "${row.base}" share no commit.`,
    }
  }
  if (made.is === 'conflict') {
    return { is: 'conflict', sentence: `${name} conflicts with "${row.base}" in ${listed(made.paths)}.` }
  }
  reached({ is: 'moving' })
  const moved = await bare.moveBranch(row.base, made.sha, base, pin.by, `merge: ${name}`)
  if (moved.is === 'failed') return { is: 'later', sentence: moved.sentence }
  if (moved.is === 'elsewhere') {
    return { is: 'base-moved', sentence: `${name} is not merged, because "${row.base}" was moved this moment.` }
  }
  reached({ is: 'moved', merge: made.sha })
  await recordMerge(held, row, pin.head, made.sha, { by: pin.by.name, isBot: pin.isBot })
  return { is: 'merged', merge: made.sha }
}

/** What it means that a merge was cut short. Once the branch has moved it is made, whatever became of the record. */
export const answerFor = (error: unknown, progress: Progress): MergeAnswer => {
  if (progress.is === 'moved') return { is: 'merged', merge: progress.merge }
  if (!(error instanceof TransientError)) throw error
  return { is: progress.is === 'moving' ? 'unknown' : 'later', sentence: sentenceOf(error) }
}
