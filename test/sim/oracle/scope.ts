/** What may be changed: by a role in its run, and of protected files by nobody without a person's word. */
import type { Event, Task } from '#core/model.ts'
import type { Sha } from '#core/words.ts'
import { BASE } from '../worlds/forge-world.ts'
import type { OracleEnv } from './view.ts'

type Finished = Extract<Event, { type: 'run-finished' }>

/** What was taken over from a run is its role's to change, judged from Git. */
export function checkScope({ worlds: { git }, witness }: OracleEnv, { role, facts }: Finished, { key }: Task): void {
  if (role === null || facts.change === undefined) return
  const own = `docs/tasks/${key}/`
  const strange = git.changedPaths(facts.change.given, facts.change.head).filter((path) => {
    if (path === `${own}01-analysis.md`) return role !== 'analyst'
    return role !== 'developer' && !path.startsWith(own)
  })
  if (strange.length > 0)
    witness.violated('a role keeps to its files', `the ${role} of ${key} changed ${strange.join()}`)
}

/** The protected files as they are at the task's head. */
export function guardedOf({ worlds: { git } }: OracleEnv, { lineage }: Task): string {
  const head = lineage.at(-1)
  return head === undefined ? '' : guardedIn(git.get(head).files)
}
/** Protected files at `head` are as in base, or as somebody approved them for this task. */
export function isGuardKept(
  { worlds: { git, forge }, protectedApprovals }: OracleEnv,
  task: Task,
  head: Sha | null,
): boolean {
  if (head === null) return true
  const fork = git.mergeBase(head, forge.tip(task.repo, BASE) as Sha)
  const guarded = guardedIn(git.get(head).files)
  const isSame = fork === null || guardedIn(git.get(fork).files) === guarded
  return isSame || protectedApprovals.has(`${task.id} ${guarded}`)
}

const guardedIn = (files: ReadonlyMap<string, string>): string =>
  [...files]
    .filter(([path]) => path.startsWith('ci/'))
    .map(([path, text]) => `${path}=${text}`)
    .sort()
    .join()
