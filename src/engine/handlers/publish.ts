/** The last look at what an agent left, before anything of it is taken over or leaves the house. */
import type { Failure } from '#core/model.ts'
import { type PublishLimits, publishProblem } from '#core/publish.ts'
import type { Sha } from '#core/words.ts'
import type { Repositories } from '../ports/repositories.ts'

/**
 * Why the commits from `given` to `head` may not be published; null where they may. Both are in Orch's own copy.
 *
 * @param known Orch's own secrets, which may stand in no commit whatever their format
 */
export async function publishFailure(
  repositories: Pick<Repositories, 'inspect'>,
  repo: string,
  { given, head }: { readonly given: Sha; readonly head: Sha },
  limits: PublishLimits,
  known: readonly string[],
): Promise<Failure | null> {
  const problem = publishProblem(await repositories.inspect(repo, given, head, limits, known), limits)
  return problem === null ? null : { class: 'permanent', ...problem }
}
