import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TransientError, UserError } from '../../core/errors.ts'
import type { Sha } from '../../core/words.ts'
import type { EnsuredPullRequest, Forge, MergeAnswer } from '../../engine/ports/forge.ts'
import type { Author } from '../../engine/ports/repositories.ts'
import type { Clock } from '../../engine/ports/world.ts'
import { openBare } from './bare.ts'
import { type CreatedRepository, createRepository, findRepository } from './create-repository.ts'
import { type DatabaseSource, openLocalDatabase, storable } from './database.ts'
import { createGit } from './git.ts'
import { answerFor, type MergePin, mergeOnce, type Progress } from './merge.ts'
import {
  type Ending,
  findOpen,
  findPullRequest,
  type Held,
  insertPullRequest,
  openFrom,
  openOrChanged,
  recordClose,
  refresh,
  toPullRequest,
} from './pull-requests.ts'
import { folderOf } from './repository.ts'
import type { RepositoryRow } from './schema.ts'

export interface LocalForgeOptions {
  readonly database: DatabaseSource
  /** Folder of the bare repositories; made when missing. */
  readonly dir: string
  readonly clock: Pick<Clock, 'now'>
  /** The process' environment; of it Git gets PATH alone. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Who Orch is in commits and in the records. */
  readonly bot: Author
  /** Base branch of repositories that begin empty; `main` unless given. */
  readonly base?: string
  /** What the addresses of pull requests begin with, a slash at the end; `local:///` unless given. */
  readonly pages?: string
}

/** The port, and what is done beside it: setting up, and what people and CI do. `by` is a person's name. */
export interface LocalForge extends Forge {
  /**
   * Makes the repository from one branch of the Git repository at `from`, which is only read, or, where that is null,
   * with one empty commit. `base` null: the branch that is checked out there. One that exists stays as it is.
   * @throws {UserError} where `from` cannot be taken over, or the repository exists with another base.
   */
  createRepository(
    repo: string,
    plan: { readonly from: string | null; readonly base: string | null },
  ): Promise<CreatedRepository>
  /** Merges at whatever commit the branch has now. */
  mergeAs(repo: string, number: number, by: string): Promise<MergeAnswer>
  closePullRequestAs(
    repo: string,
    number: number,
    by: string,
  ): Promise<'closed' | 'was-closed' | 'was-merged' | 'absent'>
  /** Reports on a commit, as CI does; the newest report of a context counts. @throws {UserError} for an unknown commit. */
  setContext(
    repo: string,
    sha: Sha,
    context: string,
    state: 'success' | 'failure' | 'pending',
    by: string,
  ): Promise<void>
  migrate(): Promise<void>
  close(): Promise<void>
}

/** On some file systems names that differ in case alone are one branch. */
const sameBranch = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

const authorFor = (person: string): Author => ({
  name: person,
  email: person.includes('@') ? person : `${person}@local.invalid`,
})

/** The embedded forge: bare repositories in a folder, pull requests in PostgreSQL. */
export const createLocalForge = (options: LocalForgeOptions): LocalForge => {
  const { clock, bot } = options
  const dir = resolve(options.dir)
  const pages = options.pages ?? 'local:///'
  const database = openLocalDatabase(options.database)
  const git = createGit(options.env)
  const us: Ending = { by: bot.name, isBot: true }

  const bareOf = (repo: string) => openBare(git, folderOf(dir, repo))

  /** All that reads or writes pull requests holds the repository's row: reading heals, so it writes too. */
  const holding = <Result>(repo: string, work: (held: Held) => Promise<Result>): Promise<Result> =>
    database.transaction(async (trx) => {
      const { base } = await findRepository(trx, repo, 'lock')
      return work({ trx, bare: bareOf(repo), repo, base, at: clock.now() })
    })

  const fresh = async (held: Held, number: number) => {
    const row = await findPullRequest(held.trx, held.repo, number)
    return row && refresh(held, row, bot)
  }

  const repositoryOf = (repo: string): Promise<RepositoryRow> => database.read((db) => findRepository(db, repo))

  const mergeBy = async (
    repo: string,
    number: number,
    pin: Pick<MergePin, 'head' | 'message'> | null,
    who: Pick<MergePin, 'by' | 'isBot'>,
  ): Promise<MergeAnswer> => {
    // Committed by itself before Git is touched, so that the record knows the head if the merge is cut short.
    const seen = await holding(repo, (held) => fresh(held, number))
    if (!seen) return { is: 'not-open', sentence: `There is no pull request #${number} in "${repo}".` }
    const message = `Merge pull request #${number}: ${seen.title.replace(/\s+/g, ' ')}`
    const { head } = pin ?? { head: seen.head_sha }
    let progress: Progress = { is: 'begun' }
    try {
      return await holding(repo, async (held) => {
        const row = (await findPullRequest(held.trx, repo, number)) ?? seen
        return mergeOnce(held, row, { head, message: pin?.message ?? message, ...who }, (reached) => {
          progress = reached
        })
      })
    } catch (error) {
      return answerFor(error, progress)
    }
  }

  const closeBy = (repo: string, number: number, who: Ending, text: string | null) =>
    holding(repo, async (held) => {
      const row = await fresh(held, number)
      if (!row) return 'absent'
      if (row.state !== 'open') return row.state === 'merged' ? 'was-merged' : 'was-closed'
      await recordClose(held, row, who, text)
      return 'closed'
    })

  const personOf = (by: string): string => {
    const name = storable(by).trim()
    if (name !== '' && name !== bot.name) return name
    throw new UserError(`"${name}" cannot do this in the local forge: give the name of a person.`)
  }

  return {
    migrate: database.migrate,
    close: database.close,

    createRepository: (repo, plan) =>
      createRepository({ database, git, dir, bot, at: clock.now() }, repo, {
        from: plan.from,
        base: plan.base ?? (plan.from === null ? (options.base ?? null) : null),
      }),

    async remote(repo) {
      await repositoryOf(repo)
      return { url: pathToFileURL(folderOf(dir, repo)).href, env: {} }
    },

    async base(repo) {
      const { base } = await repositoryOf(repo)
      if ((await bareOf(repo).tips([base])).has(base)) return base
      throw new UserError(
        `The repository "${repo}" of the local forge has no commit on its base branch "${base}": restore the branch in "${folderOf(dir, repo)}".`,
      )
    },

    ensurePullRequest: (repo, draft) =>
      holding(repo, async (held): Promise<EnsuredPullRequest> => {
        const { head, base } = draft
        const failed = (sentence: string) => ({ is: 'failed', sentence }) as const
        const there = await findOpen(held, head, base, bot)
        if (there) return { is: 'existed', pr: toPullRequest(there, pages) }
        const tips = await held.bare.tips([head, base])
        const headSha = tips.get(head)
        const baseSha = tips.get(base)
        if (headSha === undefined) return failed(`"${repo}" has no branch "${head}": push it first.`)
        if (baseSha === undefined) return failed(`"${repo}" has no branch "${base}" to merge into.`)
        if (await held.bare.isAncestor(headSha, baseSha)) {
          return failed(
            `The branch "${head}" of "${repo}" has nothing that "${base}" does not have: commit to it first.`,
          )
        }
        return { is: 'created', pr: toPullRequest(await insertPullRequest(held, draft, headSha), pages) }
      }),

    pullRequest: (repo, number) =>
      holding(repo, async (held) => {
        const row = await fresh(held, number)
        return row ? toPullRequest(row, pages) : null
      }),

    pullRequests: (repo, since) =>
      holding(repo, async (held) => {
        const all = []
        for (const row of await openOrChanged(held, since))
          all.push(toPullRequest(await refresh(held, row, bot), pages))
        return all
      }),

    merge: (repo, number, pin) => mergeBy(repo, number, pin, { by: bot, isBot: true }),
    mergeAs: async (repo, number, by) => mergeBy(repo, number, null, { by: authorFor(personOf(by)), isBot: false }),

    closePullRequest: (repo, number, text) => closeBy(repo, number, us, text),
    closePullRequestAs: async (repo, number, by) => closeBy(repo, number, { by: personOf(by), isBot: false }, null),

    deleteBranch: (repo, branch, expected) =>
      holding(repo, async (held) => {
        if (sameBranch(branch, held.base)) {
          throw new UserError(`"${branch}" is the base branch of "${repo}" and is never deleted.`)
        }
        const at = async () => (await held.bare.tips([branch])).get(branch)
        if ((await at()) === undefined) return 'absent'
        if ((await at()) !== expected) return 'moved'
        const still = []
        // What is merged by now is settled while the branch can still be read.
        for (const row of await openFrom(held, branch)) still.push(await refresh(held, row, bot))
        const deleted = await held.bare.deleteBranch(branch, expected, bot)
        if (deleted.is === 'failed') throw new TransientError(deleted.sentence)
        if (deleted.is === 'elsewhere') return (await at()) === undefined ? 'absent' : 'moved'
        for (const row of still) if (row.state === 'open') await recordClose(held, row, us, null)
        return 'deleted'
      }),

    async branch(repo, branch) {
      await repositoryOf(repo)
      return (await bareOf(repo).tips([branch])).get(branch) ?? null
    },

    async contexts(repo, sha) {
      const rows = await database.read((db) =>
        db
          .selectFrom('commit_statuses')
          .distinctOn('context')
          .select(['context', 'state'])
          .where('repo', '=', repo)
          .where('sha', '=', sha)
          .orderBy('context')
          .orderBy('seq', 'desc')
          .execute(),
      )
      return Object.fromEntries(rows.map(({ context, state }) => [context, state]))
    },

    async setContext(repo, sha, context, state, by) {
      await repositoryOf(repo)
      if (!(await bareOf(repo).hasCommit(sha))) {
        throw new UserError(`"${repo}" has no commit "${storable(sha)}": push it before reporting on it.`)
      }
      await database.read((db) =>
        db
          .insertInto('commit_statuses')
          .values({ repo, sha, context: storable(context), state, by: storable(by), at: clock.now() })
          .execute(),
      )
    },
  }
}
