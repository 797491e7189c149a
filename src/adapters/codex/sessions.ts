/**
 * Sessions outlive the run's home: the CLI's own record of one is kept by Orch and laid into the home of the run that goes
 * on with it. The home was the agent's to write, so what lies there is taken only as a plain file of its own.
 */
import { constants, copyFileSync, lstatSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { Millis } from '#core/words.ts'
import { isSessionId } from './turn.ts'

/** Longer conversations are not gone on with. */
const RECORD_BYTES_MAX = 64 * 1024 * 1024
/** An answer that takes longer finds a new conversation. */
const KEPT_MS = 30 * 24 * 60 * 60_000

export interface Sessions {
  /** Takes over the record; false where there is none that can be used. `codexHome` as in `CODEX_HOME`. */
  keep(id: string, codexHome: string): boolean
  /** Moves the record to where the CLI looks for it, for a session is gone on with once; false where there is none. */
  lay(id: string, codexHome: string): boolean
}

/** `dir` is made when needed. A session that cannot be kept or laid is none: the next run begins anew. */
export function openSessions(dir: string, now: () => Millis): Sessions {
  const placeOf = (id: string): string => join(dir, `${id}.jsonl`)
  const prune = (): void => {
    for (const name of readdirSync(dir)) {
      const path = join(dir, name)
      if (now() - lstatSync(path).mtimeMs > KEPT_MS) rmSync(path, { force: true })
    }
  }
  const orFalse = (work: () => boolean): boolean => {
    try {
      return work()
    } catch {
      return false
    }
  }
  return {
    keep: (id, codexHome) =>
      orFalse(() => {
        const record = isSessionId(id) ? recordIn(join(codexHome, 'sessions'), id) : null
        if (record === null || !isOwnFile(record, codexHome)) return false
        mkdirSync(dir, { recursive: true, mode: 0o700 })
        prune()
        copyFileSync(record, `${placeOf(id)}.new`)
        renameSync(`${placeOf(id)}.new`, placeOf(id))
        return true
      }),
    lay: (id, codexHome) =>
      orFalse(() => {
        if (!isSessionId(id)) return false
        const folder = join(codexHome, 'sessions')
        mkdirSync(folder, { recursive: true })
        // The CLI goes by the id at the end of the name; the date before it may be any.
        const place = join(folder, `rollout-2000-01-01T00-00-00-${id}.jsonl`)
        copyFileSync(placeOf(id), place, constants.COPYFILE_EXCL)
        rmSync(placeOf(id), { force: true })
        return true
      }),
  }
}

/** The newest by name where there are several. */
function recordIn(folder: string, id: string): string | null {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const name = names
    .filter((path) => path.endsWith(`-${id}.jsonl`))
    .sort()
    .at(-1)
  return name === undefined ? null : join(folder, name)
}

/** A link there could make us hand out a file of our own. */
function isOwnFile(path: string, folder: string): boolean {
  const file = lstatSync(path)
  const isPlain = file.isFile() && file.nlink === 1 && file.size <= RECORD_BYTES_MAX
  return isPlain && realpathSync(path).startsWith(`${realpathSync(folder)}${sep}`)
}
