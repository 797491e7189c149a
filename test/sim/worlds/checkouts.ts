/** The private checkouts, and what a collected one becomes in Orch's own copy. */
import type { Sha } from '#core/words.ts'
import type { Git } from './git.ts'

export interface Checkout {
  readonly label: string
  readonly repo: string
  readonly given: Sha
  /** Files as they lie there now. */
  readonly files: Map<string, string>
  /** Commits that were merged into it by hand. */
  readonly merged: Sha[]
  /** Something was changed that no diff shows: the agent rewrote history, or the folder is unreadable. */
  isSpoilt: boolean
  isTouched: boolean
}

export interface Checkouts {
  readonly refs: ReadonlyMap<string, Sha>
  create(label: string, repo: string, sha: Sha): Checkout
  /** Whatever lies there under this label now. */
  find(label: string): Checkout | null
  collect(checkout: Checkout, by: string, message: string): Sha
  remove(label: string): boolean
  list(): readonly string[]
  keep(repo: string, ref: string, sha: Sha): void
  forget(repo: string, ref: string): void
}

export function createCheckouts(git: Git, onRemove: (label: string) => void): Checkouts {
  const checkouts = new Map<string, Checkout>()
  const refs = new Map<string, Sha>()
  const remove = (label: string): boolean => {
    if (!checkouts.has(label)) return false
    onRemove(label)
    return checkouts.delete(label)
  }
  return {
    refs,
    create(label, repo, sha) {
      remove(label)
      const files = new Map(git.get(sha).files)
      const made: Checkout = { label, repo, given: sha, files, merged: [], isSpoilt: false, isTouched: false }
      checkouts.set(label, made)
      return made
    },
    find: (label) => checkouts.get(label) ?? null,
    collect({ given, files, merged }, by, message) {
      const before = git.get(given).files
      const isSame = before.size === files.size && [...files].every(([path, text]) => before.get(path) === text)
      return isSame && merged.length === 0 ? given : git.commit([given, ...merged], new Map(files), by, message).id
    },
    remove,
    list: () => [...checkouts.keys()],
    keep: (repo, ref, sha) => void refs.set(`${repo}:${ref}`, sha),
    forget: (repo, ref) => void refs.delete(`${repo}:${ref}`),
  }
}
