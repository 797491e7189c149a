/** Reading and writing content without a checkout. */
import type { Sha } from '../../core/words.ts'
import type { Author } from '../../engine/ports/repositories.ts'
import { type Copy, checkSha } from './copies.ts'
import { failed } from './git.ts'

const TEXT_BYTES_MAX = 1024 * 1024

export const authorEnv = (by: Author): Readonly<Record<string, string>> => ({
  GIT_AUTHOR_NAME: by.name,
  GIT_AUTHOR_EMAIL: by.email,
  GIT_COMMITTER_NAME: by.name,
  GIT_COMMITTER_EMAIL: by.email,
})

export const treeOf = (copy: Copy, sha: Sha): Promise<Sha> =>
  copy.text(['rev-parse', '--verify', '--quiet', `${checkSha(sha)}^{tree}`])

export const commit = (copy: Copy, tree: Sha, parents: readonly Sha[], by: Author, message: string): Promise<Sha> =>
  copy.text(['commit-tree', tree, ...parents.flatMap((parent) => ['-p', checkSha(parent)]), '-F', '-'], {
    stdin: message,
    env: authorEnv(by),
  })

/** The commit's tree after a change of its index; nothing is checked out. */
const changeTree = (
  copy: Copy,
  sha: Sha,
  change: (env: Readonly<Record<string, string>>, dir: string) => Promise<unknown>,
): Promise<Sha> =>
  copy.scratch(async (dir) => {
    const env = { GIT_INDEX_FILE: `${dir}/index` }
    await copy.text(['read-tree', checkSha(sha)], { env })
    await change(env, dir)
    return copy.text(['write-tree'], { env })
  })

export const treeWithout = (copy: Copy, sha: Sha, folder: string): Promise<Sha> =>
  changeTree(copy, sha, (env, dir) =>
    // `rm` wants a work tree, and looks at none with --cached.
    copy.text([`--work-tree=${dir}`, 'rm', '-r', '--force', '--quiet', '--cached', '--ignore-unmatch', '--', folder], {
      env,
    }),
  )

export const readFile = async (copy: Copy, sha: Sha, path: string): Promise<string | null> => {
  // Git would take these for places outside the tree, or for a folder's content.
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) return null
  const listed = await copy.text(['ls-tree', '-z', '--long', '--full-tree', checkSha(sha), '--', path])
  // Mode, type, id, size (right-aligned), tab, path. A symbolic link is a blob, too.
  const [, id, size] = /^100\d{3} blob ([0-9a-f]+) +(\d+)\t/.exec(listed) ?? []
  if (id === undefined || !listed.endsWith(`\t${path}\0`) || Number(size) > TEXT_BYTES_MAX) return null
  const args = ['cat-file', 'blob', id]
  const answer = await copy.run(args)
  if (answer.code !== 0) throw failed(args, answer)
  if (answer.out.includes(0)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(answer.out)
  } catch {
    return null
  }
}

export const writeFile = async (
  copy: Copy,
  parent: Sha,
  path: string,
  content: string,
  by: Author,
  message: string,
): Promise<Sha> => {
  const blob = await copy.text(['hash-object', '-w', '--no-filters', '--stdin'], { stdin: content })
  const tree = await changeTree(copy, parent, (env) =>
    copy.text(['update-index', '--add', '--replace', '--cacheinfo', `100644,${blob},${path}`], { env }),
  )
  return tree === (await treeOf(copy, parent)) ? parent : commit(copy, tree, [parent], by, message)
}
