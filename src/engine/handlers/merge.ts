/**
 * The one merge. In order: a fresh base; is it merged already; does the branch contain base; the pull request; the
 * intent, in a transaction that reads STOP and freeze again; the forge's merge, pinned to the head; and then Git is
 * read, because the forge's answer proves nothing. Base is never pushed.
 */
import { TransientError } from '#core/errors.ts'
import { headOf } from '#core/evidence.ts'
import type { Task } from '#core/model.ts'
import { oneLine } from '#core/naming.ts'
import type { Sha } from '#core/words.ts'
import { apply, type RulesOf } from '../engine.ts'
import type { EnsuredPullRequest, Forge, PullRequest } from '../ports/forge.ts'
import type { Author, Repositories } from '../ports/repositories.ts'
import type { Store } from '../ports/store.ts'
import type { Clock } from '../ports/world.ts'
import type { Outcome, RunContext, RunHandler } from '../worker.ts'
import { contentOf } from './change.ts'
import { draftOf, pullRequestFact } from './effects.ts'
import { readMerge } from './read-merge.ts'

export interface MergeDeps {
  readonly store: Store
  readonly forge: Forge
  readonly repositories: Repositories
  readonly clock: Clock
  readonly rulesOf: RulesOf
  readonly author: Author
}

export const mergeRun =
  (deps: MergeDeps): RunHandler =>
  async (context) => {
    const { task } = context
    const head = headOf(task)
    if (head === null) throw new Error(`${task.key} has nothing to merge`)
    const base = await fetchBase(deps, task)
    const done = await readMerge(deps.repositories, task, head, base)
    if (done) return { is: 'finished', facts: done }
    if (!(await deps.repositories.isAncestor(task.repo, base, head))) return bringBaseIn(deps, task, head, base)
    const pr = await openPullRequest(deps, task, head)
    if ('is' in pr) return pr
    const refused = await openWindow(deps, context, head, pr)
    if (refused) return refused
    const answer = await deps.forge.merge(task.repo, pr.number, {
      head,
      message: `Merge ${task.key}: ${oneLine(task.item.title, 200)}\n\nPull request #${pr.number}`,
    })
    const proof = await readMerge(deps.repositories, task, head, await fetchBase(deps, task))
    if (proof) return { is: 'finished', facts: proof }
    if (answer.is === 'base-moved') return bringBaseIn(deps, task, head, await fetchBase(deps, task))
    if (answer.is === 'later' || answer.is === 'unknown' || answer.is === 'merged')
      throw new TransientError(
        `The forge has not merged pull request #${pr.number} yet: ${'sentence' in answer ? answer.sentence : 'the merge is not visible in Git'}`,
      )
    return {
      is: 'finished',
      facts: {
        notMerged: { hold: 'not-merged', sentence: `pull request #${pr.number} was not merged: ${answer.sentence}` },
      },
    }
  }

async function fetchBase({ forge, repositories }: MergeDeps, task: Task): Promise<Sha> {
  return repositories.fetch(task.repo, await forge.remote(task.repo), await forge.base(task.repo))
}

/** Base moved since the branch was tested. Clean: merged in, without a checkout. Otherwise the conflict is named. */
async function bringBaseIn({ repositories, author }: MergeDeps, task: Task, head: Sha, base: Sha): Promise<Outcome> {
  const fork = (await repositories.mergeBase(task.repo, head, base)) ?? base
  const merged = await repositories.merge(task.repo, head, base, author, `${task.key}: bring base in`)
  if (merged.is === 'conflict') return { is: 'finished', facts: { conflict: { base, paths: merged.paths } } }
  await repositories.keep(task.repo, `refs/orch/tasks/${task.id}`, merged.sha)
  const moved = await repositories.changedPaths(task.repo, fork, base)
  const onlyDocuments = moved.every((path) => path.startsWith('docs/tasks/'))
  const content = onlyDocuments ? 'artefacts' : contentOf(moved, task.key)
  return { is: 'finished', facts: { refreshed: { given: head, head: merged.sha, base, content } } }
}

async function openPullRequest(
  { forge, repositories }: MergeDeps,
  task: Task,
  head: Sha,
): Promise<PullRequest | Outcome> {
  const none = (sentence: string): Outcome => ({
    is: 'finished',
    facts: { notMerged: { hold: 'no-pull-request', sentence } },
  })
  const known = task.evidence.pr?.number
  // A person asked for another try after the pull request had been lost or closed: it is opened anew.
  const ensured = known === undefined ? await ensurePullRequest(forge, task) : null
  if (ensured?.is === 'failed') return none(ensured.sentence)
  const pr = ensured?.pr ?? (await forge.pullRequest(task.repo, known ?? 0))
  const number = pr?.number ?? known
  if (pr === null || pr.state !== 'open') return none(`pull request #${number} is ${pr?.state ?? 'gone'}`)
  if (pr.headSha !== head) {
    const there = await forge.branch(task.repo, task.branch)
    const isLate = there !== null && (await repositories.isAncestor(task.repo, there, head).catch(() => false))
    // A push of ours that is still on its way: made here, since nothing else can go on without it.
    if (isLate && there !== head)
      await repositories.push(task.repo, await forge.remote(task.repo), task.branch, head, there)
    if (isLate)
      throw new TransientError(`Pull request #${number} does not show ${head.slice(0, 10)} yet.`, { retryAfterMs: 1 })
    return none(`pull request #${number} is at ${pr.headSha.slice(0, 10)} instead of the tested ${head.slice(0, 10)}`)
  }
  return pr
}

const ensurePullRequest = async (forge: Forge, task: Task): Promise<EnsuredPullRequest> =>
  forge.ensurePullRequest(task.repo, { ...draftOf(task), base: await forge.base(task.repo) })

/** The intent. Freeze and STOP are read in the very transaction that records it. */
async function openWindow(
  { store, clock, rulesOf }: MergeDeps,
  { task, run }: RunContext,
  head: Sha,
  pr: PullRequest,
): Promise<Outcome | null> {
  return store.transaction(async (tx) => {
    const at = clock.now()
    // Windows open one at a time in the whole cluster, also where the serial gate is off.
    await tx.lockAdmission()
    const other = (await tx.queueFacts()).windows[task.repo]
    if (other !== undefined && other.task !== task.id)
      return { is: 'handed-back', why: `${other.key} is between merge and production` } as const
    const now = await tx.task(task.id)
    const frozen = now?.window === null ? await tx.freezeOf(task.repo) : null
    if (frozen !== null) return { is: 'handed-back', why: `${task.repo} was frozen: ${frozen.reason}` } as const
    await apply(tx, task.id, { type: 'observed', at, facts: { pr: pullRequestFact(pr) } }, rulesOf)
    const applied = await apply(tx, task.id, { type: 'window-opened', at, run: run.id, head }, rulesOf)
    const isOpen = applied?.task.window?.run === run.id
    return isOpen ? null : ({ is: 'handed-back', why: applied?.refused ?? 'its window did not open' } as const)
  })
}
