import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import {
  createLocalForge,
  createLocalTracker,
  type LocalForge,
  type LocalForgeOptions,
  type LocalTracker,
  type LocalTrackerOptions,
  openLocalDatabase,
} from '../../../src/adapters/local/index.ts'
import { repositoryWith, temporaryFolder } from '../../contracts/checkout.ts'
import type { ForgeWorld } from '../../contracts/forge-contract.ts'
import type { TrackerWorld } from '../../contracts/tracker-contract.ts'
import { type Ending, testDatabase } from '../../support/postgres.ts'

export const BOT = { name: 'Orch', email: 'orch@example.org' }

export const VOICES = {
  analyst: 'Analyst',
  architect: 'Architect',
  developer: 'Developer',
  reviewer: 'Reviewer',
  tester: 'Tester',
  deployer: 'Deployer',
  stream: 'Orch',
}

const ids = { uuid: () => randomUUID() }

/** A clock that never shows the same time twice. */
const ascending = (start = 1_700_000_000_000) => {
  let now = start
  return {
    now() {
      now += 1
      return now
    },
  }
}

const migrated = async (url: string): Promise<void> => {
  const database = openLocalDatabase(url)
  await database.migrate()
  await database.close()
}

/** A database that has the local schema. */
export const localDatabase = (t: Ending) => testDatabase(t, { template: migrated })

export const openTracker = (t: Ending, database: LocalTrackerOptions['database']): LocalTracker => {
  const tracker = createLocalTracker({
    database,
    clock: ascending(),
    ids,
    voices: VOICES,
    people: { ada: 'Ada L.' },
  })
  t.after(() => tracker.close())
  return tracker
}

export const openForge = (
  t: Ending,
  options: Pick<LocalForgeOptions, 'database' | 'dir'> & Partial<LocalForgeOptions>,
): LocalForge => {
  const forge = createLocalForge({ clock: ascending(), env: process.env, bot: BOT, ...options })
  t.after(() => forge.close())
  return forge
}

/** Two projects of their own in the database, and a person in them. */
export const localTrackerWorld = async (t: Ending, url: string): Promise<TrackerWorld & { tracker: LocalTracker }> => {
  const tracker = openTracker(t, url)
  const [project, neighbour] = [`shop ${randomUUID()}`, `garden ${randomUUID()}`]
  await tracker.ensureProject(project, 'SHOP')
  await tracker.ensureProject(neighbour, 'GAR')
  return {
    tracker,
    project,
    neighbour,
    person: 'ada',
    commentAs: async (item, text) => void (await tracker.commentAs(project, item, text, 'ada')),
    editAs: (item, draft) => tracker.editAs(project, item, draft, 'ada'),
    remove: (item) => tracker.removeAs(project, item, 'ada'),
  }
}

/** A repository as somebody has it on their machine. */
export const shopSource = (t: Ending): Promise<string> => repositoryWith(t, { 'README.md': 'A shop.\n' })

/** A repository of its own with one commit, made from `source` where it is given; its records in the database. */
export const localForgeWorld = async (
  t: Ending,
  url: string,
  source?: string,
): Promise<ForgeWorld & { forge: LocalForge; dir: string; bare: string }> => {
  const dir = await temporaryFolder(t)
  const forge = openForge(t, { database: url, dir })
  const name = `shop-${randomUUID()}`
  const repo = `acme/${name}`
  await forge.createRepository(repo, { from: source ?? (await shopSource(t)), base: 'main' })
  return {
    dir,
    bare: join(dir, 'acme', `${name}.git`),
    forge,
    repo,
    base: 'main',
    missing: `${repo}-not`,
    closeAs: async (number) => void (await forge.closePullRequestAs(repo, number, 'ada')),
    mergeAs: async (number) => void (await forge.mergeAs(repo, number, 'ada')),
    setContext: (sha, context, state) => forge.setContext(repo, sha, context, state, 'ci'),
  }
}
