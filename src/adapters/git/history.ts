/** What commits have to do with each other. */
import type { Sha } from '../../core/words.ts'
import type { Author } from '../../engine/ports/repositories.ts'
import { type Copy, checkSha } from './copies.ts'
import { digest, failed } from './git.ts'
import { commit } from './trees.ts'

/** A commit that the copy does not have is nobody's ancestor in it. */
export const isAncestor = async (copy: Copy, ancestor: Sha, descendant: Sha): Promise<boolean> => {
  const args = ['merge-base', '--is-ancestor', checkSha(ancestor), checkSha(descendant)]
  const answer = await copy.run(args)
  if (answer.code <= 1) return answer.code === 0
  if (!(await copy.has(ancestor))) return false
  throw failed(args, answer)
}

export const mergeBase = async (copy: Copy, a: Sha, b: Sha): Promise<Sha | null> => {
  const args = ['merge-base', checkSha(a), checkSha(b)]
  const answer = await copy.run(args)
  if (answer.code > 1) throw failed(args, answer)
  return answer.out.toString('utf8').trim() || null
}

const DIFF = ['diff-tree', '-r', '-z', '--no-renames', '--no-ext-diff', '--no-commit-id']

const namesIn = (bytes: Buffer): readonly string[] => bytes.toString('utf8').split('\0').filter(Boolean)

export const changedPaths = async (copy: Copy, from: Sha, to: Sha): Promise<readonly string[]> => {
  const args = [...DIFF, '--name-only', checkSha(from), checkSha(to)]
  const answer = await copy.run(args)
  if (answer.code !== 0) throw failed(args, answer)
  return namesIn(answer.out).toSorted()
}

/** Over modes, ids before and after, and paths: the very content, not a rendering of it. */
export const diffDigest = async (copy: Copy, from: Sha, to: Sha, paths?: readonly string[]): Promise<string> => {
  if (paths?.length === 0) return digest(Buffer.alloc(0))
  const fork =
    (await mergeBase(copy, from, to)) ?? (await copy.text(['hash-object', '-t', 'tree', '--stdin'], { stdin: '' }))
  const args = [...DIFF, '--raw', '--full-index', fork, checkSha(to), '--', ...(paths ?? [])]
  const answer = await copy.run(args)
  if (answer.code !== 0) throw failed(args, answer)
  return digest(answer.out)
}

export const merge = async (
  copy: Copy,
  ours: Sha,
  theirs: Sha,
  by: Author,
  message: string,
): Promise<
  { readonly is: 'merged'; readonly sha: Sha } | { readonly is: 'conflict'; readonly paths: readonly string[] }
> => {
  if (await isAncestor(copy, theirs, ours)) return { is: 'merged', sha: ours }
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', checkSha(ours), checkSha(theirs)]
  const answer = await copy.run(args)
  // Histories without a common commit: git does not even begin, and no path can be named.
  if (/unrelated histories/.test(answer.err)) return { is: 'conflict', paths: [] }
  if (answer.code > 1) throw failed(args, answer)
  const [tree, ...paths] = namesIn(answer.out)
  if (answer.code === 1) return { is: 'conflict', paths: paths.toSorted() }
  return { is: 'merged', sha: await commit(copy, tree!, [ours, theirs], by, message) }
}

export const findMerge = async (copy: Copy, since: Sha, base: Sha, head: Sha): Promise<Sha | null> => {
  const lines = await copy.text([
    'rev-list',
    '--first-parent',
    '--min-parents=2',
    '--parents',
    `${checkSha(since)}..${checkSha(base)}`,
  ])
  const found = lines.split('\n').find((line) => line.split(' ')[2] === head)
  return found?.split(' ')[0] ?? null
}
