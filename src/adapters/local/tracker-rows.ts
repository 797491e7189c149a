import type { ExpressionBuilder } from 'kysely'
import { TRACKER_STATUSES, type TrackerStatus } from '../../core/words.ts'
import type { TrackerChange, TrackerComment, WorkItem } from '../../engine/ports/tracker.ts'
import type { Db } from './database.ts'
import type { Directory } from './people.ts'
import type { ChangeRow, CommentRow, ItemRow, LocalTables } from './schema.ts'

const CHANGES_MAX = 200

/** A status that an older or newer program wrote and this one does not know is none of ours. */
const statusOf = (stored: string | null): TrackerStatus | null =>
  TRACKER_STATUSES.find((status) => status === stored) ?? null

/** The item where it exists and was not removed. */
export const isPresent = (project: string, item: string) => (where: ExpressionBuilder<LocalTables, 'items'>) =>
  where.and([where('id', '=', item), where('project', '=', project), where('removed_at', 'is', null)])

export const toWorkItem = (
  row: ItemRow,
  directory: Directory,
  url: ((project: string, key: string) => string) | undefined,
): WorkItem => ({
  id: row.id,
  key: row.key,
  title: row.title,
  description: row.description,
  status: statusOf(row.status),
  priority: row.priority,
  url: url?.(row.project, row.key) ?? null,
  statusSince: row.status_since,
  statusBy: directory.show({ by: row.status_by, by_bot: row.status_by_bot }),
})

export const toComment = (row: CommentRow, directory: Directory): TrackerComment => ({
  id: row.id,
  at: row.at,
  by: directory.show(row),
  text: row.text,
})

const toChange = (row: ChangeRow & { readonly text: string | null }, directory: Directory): TrackerChange => {
  const { item, at } = row
  const id = `local-${row.seq}`
  const by = directory.show(row)
  switch (row.kind) {
    case 'moved':
      return { id, is: 'moved', item, to: statusOf(row.to_status), by, at }
    case 'edited':
      return { id, is: 'edited', item, by, at }
    case 'commented':
      return { id, is: 'commented', item, comment: { id: row.comment ?? '', at, by, text: row.text ?? '' }, at }
  }
}

/** A cursor is the number of the last change that was told. One that is none of ours begins anew: nothing is skipped. */
const numberOf = (cursor: string | null): number => (cursor !== null && /^\d{1,15}$/.test(cursor) ? Number(cursor) : 0)

export const changesAfter = async (
  db: Db,
  project: string,
  cursor: string | null,
  directory: Directory,
): Promise<{ changes: readonly TrackerChange[]; cursor: string | null }> => {
  const rows = await db
    .selectFrom('changes')
    .leftJoin('comments', 'comments.id', 'changes.comment')
    .selectAll('changes')
    .select('comments.text')
    .where('changes.project', '=', project)
    .where('changes.seq', '>', numberOf(cursor))
    .orderBy('changes.seq')
    .limit(CHANGES_MAX)
    .execute()
  const last = rows[rows.length - 1]
  return { changes: rows.map((row) => toChange(row, directory)), cursor: last ? String(last.seq) : cursor }
}
