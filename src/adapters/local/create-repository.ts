import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UserError } from '../../core/errors.ts'
import type { Millis } from '../../core/words.ts'
import type { Author } from '../../engine/ports/repositories.ts'
import type { Db, LocalDatabase } from './database.ts'
import type { Git } from './git.ts'
import { baseOf, equip, exists, folderOf, prepareRepository, removeAttempts } from './repository.ts'
import type { RepositoryRow } from './schema.ts'

/** How a repository came to be. `dirty`: the source's work tree holds what is in no commit, and was left out. */
export interface CreatedRepository {
  readonly is: 'created' | 'existed'
  readonly base: string
  readonly dirty: boolean
}

/** @throws {UserError} when there is none of that name. */
export const findRepository = async (db: Db, repo: string, lock?: 'lock'): Promise<RepositoryRow> => {
  const query = db.selectFrom('repositories').selectAll().where('name', '=', repo)
  const row = await (lock ? query.forUpdate() : query).executeTakeFirst()
  if (row) return row
  throw new UserError(
    `The local forge has no repository "${repo}": name it in the configuration of a project and start Orch again.`,
  )
}

/**
 * Makes the repository, or puts right the protection of the one that is there; its folder decides which.
 * @throws {UserError} where `from` cannot be taken over, or the repository exists with another base.
 */
export const createRepository = async (
  forge: {
    readonly database: LocalDatabase
    readonly git: Git
    readonly dir: string
    readonly bot: Author
    readonly at: Millis
  },
  repo: string,
  plan: { readonly from: string | null; readonly base: string | null },
): Promise<CreatedRepository> => {
  const { database, git, dir, bot, at } = forge
  const target = folderOf(dir, repo)
  await mkdir(dirname(target), { recursive: true })

  // Copying may take minutes: it is done before anything is locked, and thrown away where another was faster.
  const prepare = async () => {
    if (await exists(target)) return null
    return prepareRepository(git, target, { ...plan, bot, at }).catch(async (error) => {
      if (await exists(target)) return null
      throw error
    })
  }
  const made = await prepare()
  try {
    return await database.transaction(async (trx) => {
      const first = { name: repo, base: made?.base ?? (await baseOf(git, target)) }
      await trx
        .insertInto('repositories')
        .values(first)
        .onConflict((other) => other.doNothing())
        .execute()
      await findRepository(trx, repo, 'lock')
      const isNew = made !== null && !(await exists(target))
      if (isNew) await rename(made.folder, target)
      else await equip(git, target)
      await removeAttempts(target)
      const base = await baseOf(git, target)
      if (plan.base !== null && plan.base !== base) {
        throw new UserError(
          `The repository "${repo}" of the local forge has the base branch "${base}", not "${plan.base}": set the project's base branch to "${base}", or take another repository.`,
        )
      }
      await trx.updateTable('repositories').set({ base }).where('name', '=', repo).execute()
      return { is: isNew ? 'created' : 'existed', base, dirty: isNew && made.dirty }
    })
  } finally {
    if (made) await rm(made.folder, { recursive: true, force: true })
  }
}
