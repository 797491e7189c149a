/** What commits change, entry by entry, as git's plumbing tells it: ids and modes, no rendering of content. */
import type { Sha } from '../../core/words.ts'
import type { Copy } from './copies.ts'
import { failed } from './git.ts'

/** One path that a commit adds or changes against every one of its parents. */
export interface Change {
  readonly commit: Sha
  readonly path: string
  readonly mode: string
  readonly id: Sha
  /** What stood there in the parents. */
  readonly before: readonly { readonly mode: string; readonly id: Sha }[]
}

const OPTIONS = [
  'diff-tree',
  '--stdin',
  '--root',
  '-r',
  '-z',
  // Of a merge, what is in none of its parents: what came with them was published before.
  '-c',
  '--raw',
  '--full-index',
  '--no-renames',
  '--no-ext-diff',
  '--no-textconv',
  '--ignore-submodules=none',
]
const ABSENT = '000000'

/** In the order of `commits`; what is deleted is left out. */
export const changesOf = async (copy: Copy, commits: readonly Sha[]): Promise<readonly Change[]> => {
  const answer = await copy.run(OPTIONS, { stdin: commits.map((sha) => `${sha}\n`).join('') })
  if (answer.code !== 0) throw failed(OPTIONS, answer)
  const tokens = answer.out.toString('utf8').split('\0')
  const changes: Change[] = []
  let commit = ''
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? ''
    const parents = /^:*/.exec(token)?.[0].length ?? 0
    if (parents === 0) {
      if (token !== '') commit = token
      continue
    }
    // `:` per parent, a mode per parent and one, an id per parent and one, the letters. The path follows.
    const words = token.slice(parents).split(' ')
    const path = tokens[++i] ?? ''
    const before = words
      .slice(0, parents)
      .map((mode, parent) => ({ mode, id: words[parents + 1 + parent] ?? '' }))
      .filter(({ mode }) => mode !== ABSENT)
    const [mode = ABSENT, id = ''] = [words[parents], words[parents * 2 + 1]]
    if (mode !== ABSENT) changes.push({ commit, path, mode, id, before })
  }
  return changes
}
