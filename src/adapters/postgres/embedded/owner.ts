import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../../core/errors.ts'
import { type Living, lifeOf, processNamespace } from './process-life.ts'
import { accepts, socketIn } from './socket-folder.ts'
import { until } from './wait.ts'

const PATIENCE_MS = 1_000

/** What an owner file says: whose the data folder is, and what its owner started. */
export interface OwnerRecord extends Living {
  /** Within which its pid means anything: a container has its own. */
  readonly namespace: string
  /** Its `initdb` or server. */
  readonly child?: Living
  readonly socketFolder?: string
}

/** The right to use a data folder, held by one process at a time. */
export interface Claim {
  /** What the last owner left when it died without giving the folder back. */
  readonly predecessor: OwnerRecord | undefined
  /** Adds to the own record, for whoever comes after us. */
  note(facts: { child: Living; socketFolder?: string }): void
  release(): void
}

/** Owner files are numbered and the highest counts: `owner-7.json` is held, `owner-8.free` given back. */
const latestOwner = (folder: string): { number: number; file: string; held: boolean } | undefined =>
  readdirSync(folder)
    .flatMap((file) => {
      const [, number, ending] = /^owner-(\d+)\.(json|free)$/.exec(file) ?? []
      return number === undefined ? [] : [{ number: Number(number), file, held: ending === 'json' }]
    })
    .sort((a, b) => a.number - b.number)
    .at(-1)

const readRecord = (path: string): OwnerRecord | undefined => {
  const text = readFileSync(path, 'utf8')
  try {
    return JSON.parse(text)
  } catch {
    return undefined // emptied by a power cut: its owner is as dead as its machine was
  }
}

type Attempt = { readonly owner: OwnerRecord } | { readonly claim: Claim } | 'raced'

/** Another starter took the number, or cleaned up a file that we were about to use. */
const isRace = (error: unknown): boolean => ['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')

/** The processes of another container cannot be seen; its server's socket can. */
const isAlive = async (owner: OwnerRecord): Promise<boolean> => {
  if (owner.namespace === processNamespace()) return lifeOf(owner.pid) === owner.life
  return owner.socketFolder !== undefined && accepts(socketIn(owner.socketFolder))
}

/**
 * A dead owner's file is never removed to take its place: two starters could each remove the other's. The next number is
 * made instead, complete and at once (a hard link), so one starter gets it; a slow one whose number is no longer the
 * highest has lost. Only then are the lower ones removed.
 */
const attempt = async (folder: string, me: OwnerRecord): Promise<Attempt> => {
  const last = latestOwner(folder)
  const predecessor = last?.held ? readRecord(join(folder, last.file)) : undefined
  if (predecessor && (await isAlive(predecessor))) return { owner: predecessor }

  const number = (last?.number ?? 0) + 1
  const held = join(folder, `owner-${number}.json`)
  const draft = join(folder, `owner-draft-${me.pid}`)
  const write = (record: OwnerRecord) => {
    rmSync(draft, { force: true })
    writeFileSync(draft, JSON.stringify(record), { flag: 'wx', mode: 0o644 })
  }
  try {
    write(me)
    linkSync(draft, held)
  } finally {
    rmSync(draft, { force: true })
  }
  if (latestOwner(folder)?.number !== number) {
    rmSync(held, { force: true })
    return 'raced'
  }
  for (const file of readdirSync(folder)) {
    if (/^owner-(\d+\.|draft-)/.test(file) && !file.startsWith(`owner-${number}.`))
      rmSync(join(folder, file), { force: true })
  }
  return {
    claim: {
      predecessor,
      note: (facts) => {
        write({ ...me, ...facts })
        renameSync(draft, held)
      },
      release: () => {
        try {
          // A new name needs no space on the disk, and a new number leaves this one taken.
          renameSync(held, join(folder, `owner-${number + 1}.free`))
        } catch {
          // the folder was removed, or its disk failed: the record of a dead process binds nobody
        }
      },
    },
  }
}

const attemptUnlessRaced = async (folder: string, me: OwnerRecord): Promise<Attempt> => {
  try {
    return await attempt(folder, me)
  } catch (error) {
    if (isRace(error)) return 'raced'
    throw error
  }
}

/**
 * Takes the data folder for this process; waits a moment for an owner that is just ending.
 * @throws {UserError} when another process owns it and lives.
 */
export const claimFolder = async (folder: string, signal: AbortSignal | undefined): Promise<Claim> => {
  const me = { pid: process.pid, life: lifeOf(process.pid) ?? '', namespace: processNamespace() }
  let owner: OwnerRecord | undefined
  let claim: Claim | undefined
  await until(
    async () => {
      const outcome = await attemptUnlessRaced(folder, me)
      if (outcome === 'raced') return false
      if ('claim' in outcome) claim = outcome.claim
      else owner = outcome.owner
      return claim !== undefined
    },
    PATIENCE_MS,
    signal,
  )
  if (claim) return claim
  const place = owner && owner.namespace !== me.namespace ? ' of another container' : ''
  throw new UserError(
    `"${folder}" is in use by another Orch (process ${owner?.pid ?? 'unknown'}${place}): stop that one first, or give this one a data folder of its own.`,
  )
}
