/**
 * Conversations that can be gone on with. The CLI keeps a transcript in the run's home, which lasts as long as the run; a
 * copy of it is kept in a folder of ours and laid into the next run's home. It is known by the working folder, which is
 * the same for every run of a task. What lies in a home was in an agent's hands: no link is followed there.
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Millis } from '#core/words.ts'

/** Longer conversations are not gone on with. */
const TRANSCRIPT_BYTES_MAX = 64 * 1024 * 1024
/** An answer that takes longer finds a new conversation. */
const KEPT_MS = 30 * 24 * 60 * 60_000

const PROJECTS = join('.claude', 'projects')
const isId = (id: string): boolean => /^[0-9a-f-]{36}$/.test(id)
const isFolderName = (name: string): boolean => /^[\w.-]{1,255}$/.test(name) && name !== '.' && name !== '..'

export interface Sessions {
  /** Keeps the transcript; false where there is none that we can take. */
  keep(id: string, home: string): boolean
  /** Lays the transcript into a fresh home; false where there is none. */
  lay(id: string, home: string): boolean
  forget(id: string): void
}

/** `dir` is made when needed. Throws only what the file system throws for our own folder. */
export function openSessions(dir: string, now: () => Millis): Sessions {
  const folderOf = (id: string): string => join(dir, id)
  const forget = (id: string): void => {
    if (isId(id)) rmSync(folderOf(id), { recursive: true, force: true })
  }
  const prune = (): void => {
    for (const name of readdirSync(dir)) {
      const path = join(dir, name)
      const age = now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now())
      if (age > KEPT_MS) rmSync(path, { recursive: true, force: true })
    }
  }
  return {
    keep(id, home) {
      const found = isId(id) ? findTranscript(id, home) : null
      if (found === null) return false
      mkdirSync(dir, { recursive: true, mode: 0o700 })
      prune()
      forget(id)
      const unfinished = mkdirFor(`${folderOf(id)}.new`)
      writeFileSync(join(unfinished, found.folder), found.text, { mode: 0o600 })
      renameSync(unfinished, folderOf(id))
      return true
    },
    lay(id, home) {
      const folder = isId(id) ? namesIn(folderOf(id)).find(isFolderName) : undefined
      if (folder === undefined) return false
      const target = join(home, PROJECTS, folder)
      mkdirSync(target, { recursive: true, mode: 0o700 })
      writeFileSync(join(target, `${id}.jsonl`), readFileSync(join(folderOf(id), folder)), { mode: 0o600 })
      return true
    },
    forget,
  }
}

const mkdirFor = (path: string): string => {
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { mode: 0o700 })
  return path
}

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Only a plain file in its plain place: a link there could make us hand out a file of our own. */
function findTranscript(id: string, home: string): { readonly folder: string; readonly text: Buffer } | null {
  const base = realpathOf(home)
  if (base === null) return null
  for (const folder of namesIn(join(base, PROJECTS)).filter(isFolderName)) {
    const path = join(base, PROJECTS, folder, `${id}.jsonl`)
    if (realpathOf(path) !== path) continue
    const { size, nlink } = statSync(path)
    if (!statSync(path).isFile() || size > TRANSCRIPT_BYTES_MAX || nlink > 1) return null
    return { folder, text: readFileSync(path) }
  }
  return null
}

const realpathOf = (path: string): string | null => {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}
