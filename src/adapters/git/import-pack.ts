/** The door from a workspace into Orch's copy: one file of objects, and the name of a commit that should be among them. */
import { lstat } from 'node:fs/promises'
import type { Sha } from '../../core/words.ts'
import type { Collected } from '../../engine/ports/repositories.ts'
import type { Copy } from './copies.ts'

export const PACK_BYTES_MAX = 100 * 1024 * 1024
const PIECES_FROM = 8 * 1024 * 1024

type Refusal = Extract<Collected, { is: 'refused' }>
export const refused = (code: Refusal['code'], sentence: string): Refusal => ({ is: 'refused', code, sentence })

/** What lies at a path; links are not followed. */
export const kindOf = async (path: string): Promise<'folder' | 'file' | 'other' | 'nothing'> => {
  const entry = await lstat(path).catch(() => null)
  if (entry === null) return 'nothing'
  return entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'other'
}

/**
 * Puts the objects of a pack into the copy; returns why not, or null. Git reads the file as objects and as nothing else
 * (fetching from a path might take it for a repository), every object must be sound, and what it names must be there.
 * A bundle would not do: git 2.39, for one, checks no object when it fetches from one, whatever the configuration says.
 */
export const importPack = async (copy: Copy, pack: string, head: Sha): Promise<string | null> => {
  if (await copy.has(head)) return null
  const kind = await kindOf(pack)
  if (kind !== 'file') return `The workspace handed over a ${kind} where its commits should be.`
  const checks = ['--strict', '--fix-thin', `--max-input-size=${PACK_BYTES_MAX}`]
  // A small pack can hold an enormous file of zeros: what is large is looked at piece by piece, not held in memory.
  const answer = await copy.run(['-c', `core.bigFileThreshold=${PIECES_FROM}`, 'index-pack', '--stdin', ...checks], {
    stdinFile: pack,
  })
  if (answer.code !== 0) return `The commits that were left are damaged: ${answer.err.slice(-300)}.`
  return (await copy.has(head)) ? null : `The commit ${head.slice(0, 10)} is not among what the workspace handed over.`
}
