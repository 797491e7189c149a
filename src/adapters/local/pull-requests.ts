import type { Millis, Sha, Voice } from '../../core/words.ts'
import type { PullRequest } from '../../engine/ports/forge.ts'
import type { Author } from '../../engine/ports/repositories.ts'
import type { Bare } from './bare.ts'
import { storable, type Trx } from './database.ts'
import type { PullRequestRow } from './schema.ts'

/** What the functions here work with: a transaction that holds the lock on the repository's row. */
export interface Held {
  readonly trx: Trx
  readonly bare: Bare
  readonly repo: string
  readonly base: string
  readonly at: Millis
}

export interface Ending {
  readonly by: string
  readonly isBot: boolean
}

export const toPullRequest = (row: PullRequestRow, pages: string): PullRequest => ({
  number: row.number,
  url: `${pages}${row.repo}/pulls/${row.number}`,
  title: row.title,
  head: row.head,
  headSha: row.head_sha,
  base: row.base,
  state: row.state,
  merge: row.merge_sha,
  endedBy: row.ended_by === null ? null : { name: row.ended_by, isBot: row.ended_by_bot ?? false },
  updatedAt: row.updated_at,
})

export const findPullRequest = (trx: Trx, repo: string, number: number): Promise<PullRequestRow | undefined> =>
  Number.isSafeInteger(number) && number > 0 && number < 2 ** 31
    ? trx
        .selectFrom('pull_requests')
        .selectAll()
        .where('repo', '=', repo)
        .where('number', '=', number)
        .executeTakeFirst()
    : Promise.resolve(undefined)

const change = (
  { trx, at }: Held,
  row: PullRequestRow,
  to: Partial<Pick<PullRequestRow, 'state' | 'head_sha' | 'merge_sha' | 'ended_by' | 'ended_by_bot' | 'ended_text'>>,
): Promise<PullRequestRow> =>
  trx
    .updateTable('pull_requests')
    .set({ ...to, updated_at: at })
    .where('repo', '=', row.repo)
    .where('number', '=', row.number)
    .returningAll()
    .executeTakeFirstOrThrow()

export const recordMerge = (held: Held, row: PullRequestRow, head: Sha, merge: Sha, { by, isBot }: Ending) =>
  change(held, row, { state: 'merged', head_sha: head, merge_sha: merge, ended_by: by, ended_by_bot: isBot })

export const recordClose = (held: Held, row: PullRequestRow, { by, isBot }: Ending, text: string | null) =>
  change(held, row, {
    state: 'closed',
    ended_by: by,
    ended_by_bot: isBot,
    ended_text: text === null ? null : storable(text),
  })

const belongsToAnother = async ({ trx, repo }: Held, merge: Sha): Promise<boolean> =>
  (await trx
    .selectFrom('pull_requests')
    .select('number')
    .where('repo', '=', repo)
    .where('merge_sha', '=', merge)
    .executeTakeFirst()) !== undefined

/**
 * Brings the record of an open pull request up to what Git says. Merged in Git means merged: a crash, or a database
 * restored from a backup, may have lost the record. A branch that is gone has closed its pull request. Else the record
 * takes the branch's commit.
 */
export const refresh = async (held: Held, row: PullRequestRow, bot: Author): Promise<PullRequestRow> => {
  if (row.state !== 'open') return row
  const tips = await held.bare.tips([row.head, row.base])
  const head = tips.get(row.head)
  const base = tips.get(row.base)
  if (base !== undefined) {
    for (const sha of new Set([head ?? row.head_sha, row.head_sha])) {
      const merge = await held.bare.findMerge(base, sha)
      if (merge === null || (await belongsToAnother(held, merge.sha))) continue
      return recordMerge(held, row, sha, merge.sha, { by: merge.by.name, isBot: merge.by.email === bot.email })
    }
  }
  if (head === undefined) return change(held, row, { state: 'closed' })
  return head === row.head_sha ? row : change(held, row, { head_sha: head })
}

/** The open pull request of these branches, brought up to date; null when there is none, or it turned out to be over. */
export const findOpen = async (held: Held, head: string, base: string, bot: Author): Promise<PullRequestRow | null> => {
  const row = await held.trx
    .selectFrom('pull_requests')
    .selectAll()
    .where('repo', '=', held.repo)
    .where('head', '=', head)
    .where('base', '=', base)
    .where('state', '=', 'open')
    .executeTakeFirst()
  const now = row && (await refresh(held, row, bot))
  return now?.state === 'open' ? now : null
}

export const openFrom = ({ trx, repo }: Held, head: string): Promise<PullRequestRow[]> =>
  trx
    .selectFrom('pull_requests')
    .selectAll()
    .where('repo', '=', repo)
    .where('head', '=', head)
    .where('state', '=', 'open')
    .execute()

export const openOrChanged = ({ trx, repo }: Held, since: Millis): Promise<PullRequestRow[]> =>
  trx
    .selectFrom('pull_requests')
    .selectAll()
    .where('repo', '=', repo)
    .where((where) => where.or([where('state', '=', 'open'), where('updated_at', '>=', since)]))
    .orderBy('number')
    .execute()

export const insertPullRequest = async (
  { trx, repo, at }: Held,
  draft: {
    readonly head: string
    readonly base: string
    readonly title: string
    readonly body: string
    readonly marker: string
    readonly voice: Voice
  },
  headSha: Sha,
): Promise<PullRequestRow> => {
  const { last_number } = await trx
    .updateTable('repositories')
    .set((row) => ({ last_number: row('last_number', '+', 1) }))
    .where('name', '=', repo)
    .returning('last_number')
    .executeTakeFirstOrThrow()
  return trx
    .insertInto('pull_requests')
    .values({
      repo,
      number: last_number,
      head: draft.head,
      head_sha: headSha,
      base: draft.base,
      state: 'open',
      title: storable(draft.title),
      body: storable(draft.body),
      marker: storable(draft.marker),
      voice: draft.voice,
      created_at: at,
      updated_at: at,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}
