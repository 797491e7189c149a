import { TransientError, UserError } from '../../core/errors.ts'
import type { Millis, Sha } from '../../core/words.ts'
import type { Author } from '../../engine/ports/repositories.ts'
import { complaint, type Git, gitOutput } from './git.ts'

export type MadeMerge =
  | { readonly is: 'made'; readonly sha: Sha }
  | { readonly is: 'conflict'; readonly paths: readonly string[] }
  | { readonly is: 'unrelated' }

/** `elsewhere`: the branch was not where it was expected, or gone. `failed`: it is where it was, and Git says why. */
export type Updated = { readonly is: 'done' | 'elsewhere' } | { readonly is: 'failed'; readonly sentence: string }

/** One bare repository of the forge. Branches are named without `refs/heads/`; objects come and go by Git's own rules. */
export interface Bare {
  /** The commits of those of the branches that exist (and of all in folders of that name). @throws {UserError} when the repository is gone or damaged. */
  tips(branches: readonly string[]): Promise<ReadonlyMap<string, Sha>>
  hasCommit(sha: Sha): Promise<boolean>
  /** False also where the ancestor is no commit that is still here. */
  isAncestor(ancestor: Sha, descendant: Sha): Promise<boolean>
  /** The merge commit in the first-parent line of `base` whose second parent is `head`, and who made it. */
  findMerge(base: Sha, head: Sha): Promise<{ readonly sha: Sha; readonly by: Author } | null>
  /** A merge commit of `head` into `base`, which no branch contains yet. */
  makeMerge(base: Sha, head: Sha, by: Author, message: string, at: Millis): Promise<MadeMerge>
  /** Compare-and-set of a branch. */
  moveBranch(branch: string, to: Sha, from: Sha, by: Author, reason: string): Promise<Updated>
  /** Deletes the branch only at `expected`. */
  deleteBranch(branch: string, expected: Sha, by: Author): Promise<Updated>
}

const refOf = (branch: string): string => `refs/heads/${branch}`

/** Names in commits and reflogs cannot hold these; an empty one is refused by Git. */
const plainName = (text: string): string => text.replace(/[<>\p{Cc}]/gu, '').trim() || 'unknown'

export const committerOf = (by: Author): Record<string, string> => ({
  GIT_COMMITTER_NAME: plainName(by.name),
  GIT_COMMITTER_EMAIL: plainName(by.email),
})

/** Author and committer of a commit that is made at `at`. */
export const signatureOf = (by: Author, at: Millis): Record<string, string> => {
  const date = `@${Math.floor(at / 1000)} +0000`
  return {
    ...committerOf(by),
    GIT_COMMITTER_DATE: date,
    GIT_AUTHOR_NAME: plainName(by.name),
    GIT_AUTHOR_EMAIL: plainName(by.email),
    GIT_AUTHOR_DATE: date,
  }
}

export const openBare = (git: Git, dir: string): Bare => {
  const here = ['--git-dir', dir]

  const tips: Bare['tips'] = async (branches) => {
    const refs = branches.filter((branch) => !branch.includes('\0')).map(refOf)
    if (refs.length === 0) return new Map()
    const answer = await git([...here, 'for-each-ref', '--format=%(objectname) %(refname)', ...refs])
    // A ref that cannot be read is left out with exit code 0, and would pass for a deleted branch.
    if (answer.code !== 0 || /broken ref/.test(answer.err)) {
      throw new UserError(
        `The repository folder "${dir}" is missing or damaged (${complaint(answer)}): restore it from a backup.`,
      )
    }
    const found = new Map<string, Sha>()
    for (const line of answer.out.split('\n')) {
      const [sha = '', ref = ''] = line.split(' ')
      if (sha !== '') found.set(ref.slice('refs/heads/'.length), sha)
    }
    return found
  }

  const isAncestor: Bare['isAncestor'] = async (ancestor, descendant) => {
    const answer = await git([...here, 'merge-base', '--is-ancestor', ancestor, descendant])
    if (answer.code === 0) return true
    if (answer.code === 1 || /not a valid (commit|object) name/i.test(answer.err)) return false
    throw new TransientError(`Git could not compare commits in "${dir}" (${complaint(answer)}).`)
  }

  /** Settles what a refused update means by looking at the branch. */
  const updateRef = async (args: readonly string[], branch: string, expected: Sha, by: Author): Promise<Updated> => {
    const answer = await git([...here, 'update-ref', ...args], { env: committerOf(by) })
    if (answer.code === 0) return { is: 'done' }
    if ((await tips([branch])).get(branch) !== expected) return { is: 'elsewhere' }
    return { is: 'failed', sentence: `Git could not update "${branch}" in "${dir}" (${complaint(answer)}).` }
  }

  return {
    tips,
    isAncestor,

    async hasCommit(sha) {
      return (
        /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(sha) &&
        (await git([...here, 'cat-file', '-e', `${sha}^{commit}`])).code === 0
      )
    },

    async findMerge(base, head) {
      if (!(await isAncestor(head, base))) return null
      const lines = await gitOutput(git, [
        ...here,
        'rev-list',
        '--first-parent',
        '--min-parents=2',
        '--parents',
        base,
        `^${head}`,
      ])
      const sha = lines
        .split('\n')
        .map((line) => line.split(' '))
        .find(([, , second]) => second === head)?.[0]
      if (sha === undefined) return null
      const committer = await gitOutput(git, [...here, 'show', '-s', '--format=%cn%x00%ce', sha])
      const [name = '', email = ''] = committer.split('\0')
      return { sha, by: { name, email } }
    },

    async makeMerge(base, head, by, message, at) {
      const merged = await git([
        ...here,
        'merge-tree',
        '--write-tree',
        '--name-only',
        '--no-messages',
        '-z',
        base,
        head,
      ])
      const [tree = '', ...paths] = merged.out.split('\0')
      if (merged.code === 1) return { is: 'conflict', paths: [...new Set(paths.filter((path) => path !== ''))] }
      if (/unrelated histories/.test(merged.err)) return { is: 'unrelated' }
      if (merged.code !== 0) throw new TransientError(`Git could not merge in "${dir}" (${complaint(merged)}).`)
      const sha = await gitOutput(git, [...here, 'commit-tree', tree.trim(), '-p', base, '-p', head, '-F', '-'], {
        input: message,
        env: signatureOf(by, at),
      })
      return { is: 'made', sha }
    },

    moveBranch: (branch, to, from, by, reason) => updateRef(['-m', reason, refOf(branch), to, from], branch, from, by),

    deleteBranch: (branch, expected, by) => updateRef(['-d', refOf(branch), expected], branch, expected, by),
  }
}
