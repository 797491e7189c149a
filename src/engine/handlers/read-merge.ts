/** Whether a head is in base, read from Git, because a forge's answer proves nothing. */
import type { Facts } from '#core/evidence.ts'
import type { Task } from '#core/model.ts'
import type { Sha } from '#core/words.ts'
import type { Repositories } from '../ports/repositories.ts'

/** null where the head is not in base; else which merge brought it there, and whether its content is the tested content. */
export async function readMerge(
  repositories: Repositories,
  task: Task,
  head: Sha,
  base: Sha,
): Promise<Pick<Facts, 'merge' | 'notMerged'> | null> {
  if (!(await repositories.isAncestor(task.repo, head, base))) return null
  // Since the head itself: the branch's base may have gone past a merge that was made late and then brought in.
  const merge = await repositories.findMerge(task.repo, head, base, head)
  if (merge === null) {
    const sentence = `${head.slice(0, 10)} is in base, but not by a merge commit of it`
    return { notMerged: { hold: 'merge-unverified', sentence } }
  }
  const [tested, made] = await Promise.all(
    [head, merge].map((sha) => repositories.treeWithout(task.repo, sha, 'docs/tasks')),
  )
  return { merge: { head, base: task.base ?? base, merge, by: 'orch', treeEqual: tested === made } }
}
