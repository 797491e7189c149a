import { UserError } from '../../core/errors.ts'
import type { TrackerStatus, Voice } from '../../core/words.ts'
import type { Tracker, TrackerComment, WorkItem } from '../../engine/ports/tracker.ts'
import type { Clock, Ids } from '../../engine/ports/world.ts'
import { type DatabaseSource, openLocalDatabase, storable, type Trx } from './database.ts'
import { type Actor, createDirectory } from './people.ts'
import type { ItemRow, ProjectRow } from './schema.ts'
import { changesAfter, isPresent, toComment, toWorkItem } from './tracker-rows.ts'

export interface LocalTrackerOptions {
  readonly database: DatabaseSource
  readonly clock: Pick<Clock, 'now'>
  readonly ids: Ids
  /** The names that the voices sign with. */
  readonly voices: Readonly<Record<Voice, string>>
  /** Names by login; who is not listed goes by the login. */
  readonly people?: Readonly<Record<string, string>>
  /** Address of an item's page, where there is one. */
  readonly itemUrl?: (project: string, key: string) => string
}

/** The port, and what people do on the board and the command line. `by` is a person's login. */
export interface LocalTracker extends Tracker {
  /** Makes the project where it is missing. Its items' keys are `<prefix>-<n>`; a new prefix is for new items only. */
  ensureProject(project: string, prefix: string): Promise<void>
  commentAs(project: string, item: string, text: string, by: string): Promise<TrackerComment>
  editAs(
    project: string,
    item: string,
    draft: { readonly title?: string; readonly description?: string; readonly priority?: number },
    by: string,
  ): Promise<void>
  /** The item is gone for everybody; what happened to it before is still told by `changes`. */
  removeAs(project: string, item: string, by: string): Promise<void>
  migrate(): Promise<void>
  close(): Promise<void>
}

const PREFIX = /^[A-Z][A-Z0-9]{0,19}$/

const checkPriority = (priority: number): number => {
  if (Number.isInteger(priority) && priority >= 0 && priority <= 4) return priority
  throw new UserError(`${priority} is no priority of a work item: give 0 (none) to 4 (urgent).`)
}

/**
 * Every write locks its project first. So changes get their numbers in the order in which they become visible, and a
 * reader that goes on from the last number it saw never skips one.
 */
const lockProject = async (trx: Trx, project: string): Promise<ProjectRow> => {
  const found = await trx.selectFrom('projects').selectAll().where('name', '=', project).forUpdate().executeTakeFirst()
  if (found) return found
  throw new UserError(
    `The local tracker has no project "${project}": add it to the projects in Orch's configuration and start again.`,
  )
}

const lockItem = async (trx: Trx, project: string, item: string): Promise<ItemRow> => {
  await lockProject(trx, project)
  const found = await trx.selectFrom('items').selectAll().where(isPresent(project, item)).executeTakeFirst()
  if (found) return found
  throw new UserError(
    `The local tracker has no work item "${item}" in project "${project}": it was removed, or never was; create a new one.`,
  )
}

/** The embedded tracker: work items and comments in PostgreSQL. Every text is data and comes back as it was given. */
export const createLocalTracker = (options: LocalTrackerOptions): LocalTracker => {
  const { clock, ids } = options
  const database = openLocalDatabase(options.database)
  const directory = createDirectory(options.voices, options.people ?? {})
  const itemOf = (row: ItemRow): WorkItem => toWorkItem(row, directory, options.itemUrl)

  const move = (project: string, item: string, status: TrackerStatus, actor: Actor): Promise<void> =>
    database.transaction(async (trx) => {
      const row = await lockItem(trx, project, item)
      if (row.status === status) return
      const at = clock.now()
      await trx
        .updateTable('items')
        .set({ status, status_since: at, status_by: actor.by, status_by_bot: actor.by_bot })
        .where('id', '=', item)
        .execute()
      await trx
        .insertInto('changes')
        .values({ project, item, kind: 'moved', to_status: status, comment: null, at, ...actor })
        .execute()
    })

  const comment = (project: string, item: string, draft: { key: string | null; text: string }, actor: Actor) =>
    database.transaction(async (trx) => {
      await lockItem(trx, project, item)
      const at = clock.now()
      const posted = await trx
        .insertInto('comments')
        .values({ id: ids.uuid(), item, key: draft.key, text: storable(draft.text), at, ...actor })
        .onConflict((conflict) => conflict.columns(['item', 'key']).doNothing())
        .returningAll()
        .executeTakeFirst()
      if (!posted) return null
      await trx
        .insertInto('changes')
        .values({ project, item, kind: 'commented', to_status: null, comment: posted.id, at, ...actor })
        .execute()
      return toComment(posted, directory)
    })

  return {
    migrate: database.migrate,
    close: database.close,

    async ensureProject(project, prefix) {
      if (!PREFIX.test(prefix)) {
        throw new UserError(
          `"${prefix}" cannot begin the keys of project "${project}": take up to 20 capital letters and digits, a letter first.`,
        )
      }
      await database.read((db) =>
        db
          .insertInto('projects')
          .values({ name: project, prefix })
          .onConflict((conflict) => conflict.column('name').doUpdateSet({ prefix }))
          .execute(),
      )
    },

    changes: (project, cursor) => database.read((db) => changesAfter(db, project, cursor, directory)),

    async read(project, item) {
      const row = await database.read((db) =>
        db.selectFrom('items').selectAll().where(isPresent(project, item)).executeTakeFirst(),
      )
      return row ? itemOf(row) : null
    },

    async comments(project, item) {
      const rows = await database.read((db) =>
        db
          .selectFrom('comments')
          .selectAll()
          .where('item', 'in', db.selectFrom('items').select('id').where(isPresent(project, item)))
          .orderBy('seq')
          .execute(),
      )
      return rows.map((row) => toComment(row, directory))
    },

    async create(project, draft) {
      const { by, by_bot } = directory.person(draft.by)
      const priority = checkPriority(draft.priority)
      const request = storable(draft.requestId)
      const row = await database.transaction(async (trx) => {
        const { prefix, last_number } = await lockProject(trx, project)
        const earlier = await trx
          .selectFrom('items')
          .selectAll()
          .where('project', '=', project)
          .where('request_id', '=', request)
          .executeTakeFirst()
        if (earlier) return earlier
        const number = last_number + 1
        await trx.updateTable('projects').set({ last_number: number }).where('name', '=', project).execute()
        return trx
          .insertInto('items')
          .values({
            id: ids.uuid(),
            project,
            key: `${prefix}-${number}`,
            request_id: request,
            title: storable(draft.title),
            description: storable(draft.description),
            priority,
            status: null,
            status_since: clock.now(),
            status_by: by,
            status_by_bot: by_bot,
          })
          .returningAll()
          .executeTakeFirstOrThrow()
      })
      return itemOf(row)
    },

    moveAs: async (project, item, status, by) => move(project, item, status, directory.person(by)),
    show: (project, item, status) => move(project, item, status, directory.voice('stream')),

    async ensureComment(project, item, { key, voice, text }) {
      const posted = await comment(project, item, { key: storable(key), text }, directory.voice(voice))
      return posted ? 'created' : 'existed'
    },

    async commentAs(project, item, text, by) {
      // Without a key nothing can be in its way.
      return (await comment(project, item, { key: null, text }, directory.person(by)))!
    },

    async editAs(project, item, { title, description, priority }, by) {
      const actor = directory.person(by)
      await database.transaction(async (trx) => {
        const row = await lockItem(trx, project, item)
        const next = {
          title: title === undefined ? row.title : storable(title),
          description: description === undefined ? row.description : storable(description),
          priority: priority === undefined ? row.priority : checkPriority(priority),
        }
        if (next.title === row.title && next.description === row.description && next.priority === row.priority) return
        await trx.updateTable('items').set(next).where('id', '=', item).execute()
        await trx
          .insertInto('changes')
          .values({ project, item, kind: 'edited', to_status: null, comment: null, at: clock.now(), ...actor })
          .execute()
      })
    },

    async removeAs(project, item, by) {
      const actor = directory.person(by)
      await database.transaction(async (trx) => {
        await lockItem(trx, project, item)
        const at = clock.now()
        await trx.updateTable('items').set({ removed_at: at }).where('id', '=', item).execute()
        // A reader that is told looks at the item anew and finds it gone.
        await trx
          .insertInto('changes')
          .values({ project, item, kind: 'edited', to_status: null, comment: null, at, ...actor })
          .execute()
      })
    },
  }
}
