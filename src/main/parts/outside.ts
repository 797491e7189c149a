/** The tracker and the forge, and what a project needs in them. */
import { ROLES, type Voice } from '#core/words.ts'
import { createLocalForge, createLocalTracker, type LocalForge, type LocalTracker } from '../../adapters/local/index.ts'
import { systemClock, systemIds } from '../../adapters/system/clock.ts'
import type { Settings } from '../config/settings.ts'
import type { DataFolder } from '../data-folder.ts'
import type { Closers } from './closers.ts'

export interface Outside {
  readonly tracker: LocalTracker
  readonly forge: LocalForge
}

export async function openOutside(
  database: string,
  folder: DataFolder,
  env: Readonly<Record<string, string | undefined>>,
  closers: Closers,
): Promise<Outside> {
  const local = { database, clock: systemClock, ids: systemIds }
  const tracker = createLocalTracker({ ...local, voices: VOICES })
  closers.add(() => tracker.close())
  await tracker.migrate()
  const forge = createLocalForge({
    ...local,
    dir: folder.forge,
    env,
    bot: { name: 'Orch', email: 'orch@orch.localhost' },
  })
  closers.add(() => forge.close())
  await forge.migrate()
  return { tracker, forge }
}

const VOICES = Object.fromEntries([...ROLES.map((role) => [role, `Orch ${role}`]), ['stream', 'Orch']]) as Record<
  Voice,
  string
>

/**
 * Makes what new projects need in tracker and forge; what is there stays as it is. Returns what a person should know of
 * it, a sentence each. @throws {UserError} where a repository cannot be taken over.
 */
export async function adoptProjects(
  { tracker, forge }: Outside,
  { projects }: Settings,
  folder: DataFolder,
): Promise<readonly string[]> {
  const notes: string[] = []
  for (const project of projects) {
    await tracker.ensureProject(project.id, project.key_prefix)
    const made = await forge.createRepository(project.repo, { from: project.source ?? null, base: project.base })
    if (made.dirty)
      notes.push(
        `${project.source} has uncommitted changes, which are not part of what Orch works on; if they should be, commit them and start again without ${folder.root}.`,
      )
  }
  return notes
}
