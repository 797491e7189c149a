/** How each outside write is made. Each reads before it writes, so that doing it twice is doing it once. */
import { TransientError, UserError } from '#core/errors.ts'
import { headOf } from '#core/evidence.ts'
import type { Task } from '#core/model.ts'
import { oneLine } from '#core/naming.ts'
import type { EffectHandlers } from '../effects.ts'
import type { Forge, PullRequest } from '../ports/forge.ts'
import type { Repositories, Workspaces } from '../ports/repositories.ts'
import type { Tracker } from '../ports/tracker.ts'
import type { Clock } from '../ports/world.ts'
import { readMerge } from './read-merge.ts'

export interface EffectDeps {
  readonly tracker: Tracker
  readonly forge: Forge
  readonly repositories: Repositories
  readonly workspaces: Workspaces
  readonly clock: Clock
}

export function effectHandlers({ tracker, forge, repositories, workspaces, clock }: EffectDeps): EffectHandlers {
  return {
    comment: async (effect, task) => {
      const outcome = await tracker.ensureComment(task.project, task.item.id, {
        key: effect.key,
        voice: effect.voice,
        text: effect.text,
      })
      return { sentence: outcome === 'created' ? 'commented' : 'the comment was there already' }
    },

    'show-status': async (effect, task) => {
      await tracker.show(task.project, task.item.id, effect.status)
      return { sentence: `shows ${effect.status}` }
    },

    'push-branch': async (effect, task) => {
      const remote = await forge.remote(task.repo)
      const there = await forge.branch(task.repo, task.branch)
      // Ours to move only from a commit of ours: one that the new head contains.
      const expected =
        there !== null && there !== effect.sha && (await isOurs(repositories, task.repo, there, effect.sha))
          ? there
          : null
      const outcome = await repositories.push(task.repo, remote, task.branch, effect.sha, expected)
      if (typeof outcome === 'object')
        throw new UserError(`The branch ${task.branch} could not be pushed: ${outcome.rejected}`)
      return {
        sentence: outcome === 'pushed' ? `pushed ${effect.sha.slice(0, 10)}` : 'the branch was there already',
        event: { type: 'observed', at: clock.now(), facts: { pushed: effect.sha } },
      }
    },

    'ensure-pr': async ({ sha }, task) => {
      const base = await forge.base(task.repo)
      const ensured = await forge.ensurePullRequest(task.repo, {
        ...draftOf(task),
        base,
      })
      if (ensured.is === 'failed')
        throw new UserError(`No pull request could be opened for ${task.key}: ${ensured.sentence}`)
      if (ensured.pr.headSha !== sha) await explainOtherHead(forge, task, sha)
      return {
        sentence: `pull request #${ensured.pr.number} ${ensured.is}`,
        event: { type: 'observed', at: clock.now(), facts: { pr: pullRequestFact(ensured.pr) } },
      }
    },

    'close-pr': async (effect, task) => {
      const number = task.evidence.pr?.number
      const outcome = number === undefined ? 'absent' : await forge.closePullRequest(task.repo, number, effect.text)
      return { sentence: `the pull request is ${outcome.replace('was-', 'already ')}` }
    },

    'delete-branch': async (_, task) => {
      const head = headOf(task)
      const outcome = head === null ? 'absent' : await deleteOurs(forge, repositories, task, head)
      return {
        sentence:
          outcome === 'moved'
            ? `${task.branch} was moved by somebody else and is left alone`
            : `${task.branch} is ${outcome}`,
      }
    },

    'settle-merge': async ({ head }, task) => {
      const base = await repositories.fetch(task.repo, await forge.remote(task.repo), await forge.base(task.repo))
      const merge = await readMerge(repositories, task, head, base)
      const notMerged = { hold: 'not-merged', sentence: `${head.slice(0, 10)} is not in base` } as const
      return {
        sentence: merge === null ? `${head.slice(0, 10)} was not merged` : `${head.slice(0, 10)} was merged`,
        event: { type: 'observed', at: clock.now(), facts: merge === null ? { notMerged } : merge },
      }
    },

    salvage: async (_, task) => {
      const head = headOf(task)
      if (head !== null) await repositories.keep(task.repo, `refs/orch/salvage/${task.key}/${task.runs}`, head)
      return {
        sentence:
          head === null ? 'there is nothing to keep' : `the work is kept at refs/orch/salvage/${task.key}/${task.runs}`,
      }
    },

    'remove-workspace': async (_, task) => {
      await workspaces.remove(task.key)
      await workspaces.remove(`${task.key}.check`)
      return { sentence: 'the workspace is removed' }
    },
  }
}

/** The pull request shows another head: the forge lags behind the branch, or somebody else moved the branch. */
async function explainOtherHead(forge: Forge, task: Task, sha: string): Promise<never> {
  const there = await forge.branch(task.repo, task.branch)
  if (there === sha) throw new TransientError(`The pull request of ${task.key} does not show ${sha.slice(0, 10)} yet.`)
  throw new UserError(
    `The branch ${task.branch} is at ${there?.slice(0, 10) ?? 'no commit'} instead of ${sha.slice(0, 10)}; somebody else moved it.`,
  )
}

/** A branch is ours to delete at the head we know, or at an earlier commit of ours that a lost push left behind. */
async function deleteOurs(
  forge: Forge,
  repositories: Repositories,
  task: Task,
  head: string,
): Promise<'deleted' | 'absent' | 'moved'> {
  const there = await forge.branch(task.repo, task.branch)
  if (there === null) return 'absent'
  return (await isOurs(repositories, task.repo, there, head))
    ? forge.deleteBranch(task.repo, task.branch, there)
    : 'moved'
}

const isOurs = (repositories: Repositories, repo: string, there: string, head: string): Promise<boolean> =>
  repositories.isAncestor(repo, there, head).catch(() => false)

export const pullRequestFact = (pr: PullRequest) => ({
  number: pr.number,
  url: pr.url,
  head: pr.head,
  headSha: pr.headSha,
  base: pr.base,
  state: pr.state,
})

/** The task's pull request as it is asked for, but for its base. */
export const draftOf = (task: Task) => ({
  head: task.branch,
  marker: task.key,
  voice: 'developer' as const,
  title: `${task.key}: ${oneLine(task.item.title, 200)}`,
  body: `Made by Orch for ${task.key}. Its documents are in docs/tasks/${task.key}/ on this branch.`,
})
