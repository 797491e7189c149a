/** Takes over what a run of an agent left: only what its role may change, read back by Orch itself. */

import type { Facts } from '#core/evidence.ts'
import type { Failure } from '#core/model.ts'
import { artefactPath } from '#core/prompt.ts'
import { PUBLISH_LIMITS } from '#core/publish.ts'
import type { Role, Sha } from '#core/words.ts'
import { stampFrontMatter } from '../front-matter.ts'
import type { Forge } from '../ports/forge.ts'
import type { Repositories, Workspace, Workspaces } from '../ports/repositories.ts'
import type { RunLogs } from '../ports/run-logs.ts'
import type { AgentResult } from '../ports/runtime.ts'
import type { Store } from '../ports/store.ts'
import type { Clock, Log } from '../ports/world.ts'
import type { ProjectOf } from '../project.ts'
import type { Outcome, RunContext } from '../worker.ts'
import { observeArtefact, observeChange, outsideOf } from './change.ts'
import { publishFailure } from './publish.ts'
import { type VerdictKeys, verdictKeys } from './verdict-keys.ts'

export interface TakeOverDeps {
  readonly store: Store
  readonly forge: Forge
  readonly repositories: Repositories
  readonly workspaces: Workspaces
  readonly runLogs: RunLogs
  readonly projectOf: ProjectOf
  readonly clock: Clock
  readonly log: Log
  /** Orch's own, which may stand in no commit. */
  readonly secrets: () => readonly string[]
}

/** How the run ended, by what is really there. `at` names the head it was given, and base as it was then. */
export async function conclude(
  deps: TakeOverDeps,
  context: RunContext,
  role: Role,
  workspace: Workspace,
  at: { given: Sha; base: Sha },
  result: AgentResult,
): Promise<Outcome> {
  const { task, run } = context
  const { usage } = result
  if (result.is === 'stopped') return { is: 'stopped', usage }
  const taken = await takeOver(deps, context, role, workspace, at.given, result)
  const keys = run.artefact === null ? null : verdictKeys(task, run.artefact)
  // A document whose verdict is Orch's own is written even where the agent's prose failed.
  if (typeof taken === 'object' && keys === null) {
    if (result.is !== 'failed') return { is: 'failed', failure: taken, usage }
    return {
      is: 'failed',
      failure: result.failure,
      usage,
      ...(await keepWork(deps, context, role, workspace, at, result)),
    }
  }
  const { head, report } = await stamp(deps, context, typeof taken === 'object' ? at.given : taken, keys)
  const facts = report === undefined ? await factsOf(deps, context, role, { ...at, head }) : {}
  if (result.is === 'asked') return { is: 'asked', question: result.question, facts, usage }
  return { is: 'finished', facts, usage, ...(report === undefined ? {} : { report }) }
}

/** The head that the run left, or why it is not taken: the branch then stays where it was. */
async function takeOver(
  deps: TakeOverDeps,
  context: RunContext,
  role: Role,
  workspace: Workspace,
  given: Sha,
  result: AgentResult,
): Promise<Sha | Failure> {
  if (result.is === 'failed') return result.failure
  return collect(deps, context, role, workspace, given)
}

/** What a run had done when its provider or its budget failed it is paid for: the next run goes on from there. */
async function keepWork(
  deps: TakeOverDeps,
  context: RunContext,
  role: Role,
  workspace: Workspace,
  { given, base }: { given: Sha; base: Sha },
  { failure }: Extract<AgentResult, { is: 'failed' }>,
): Promise<{ facts?: Facts }> {
  // What the others owe is a document, which counts only where one run wrote it from beginning to end.
  if (role !== 'developer' || (failure.class !== 'transient' && failure.code !== 'budget')) return {}
  const head = await collect(deps, context, role, workspace, given)
  if (typeof head === 'object' || head === given) return {}
  const { artefacts: _claimed, ...facts } = await factsOf(deps, context, role, { given, head, base })
  return { facts }
}

async function collect(
  { workspaces, repositories, projectOf, secrets }: TakeOverDeps,
  { task, run }: RunContext,
  role: Role,
  workspace: Workspace,
  given: Sha,
): Promise<Sha | Failure> {
  const message = `${task.key}: ${role} (run ${run.id})`
  const collected = await workspaces.collect(
    task.repo,
    workspace,
    task.branch,
    message,
    projectOf(task.project).author(role),
  )
  if (collected.is === 'refused') return { class: 'permanent', code: collected.code, sentence: collected.sentence }
  if (collected.head === given) return given
  const found = await publishFailure(
    repositories,
    task.repo,
    { given, head: collected.head },
    PUBLISH_LIMITS,
    secrets(),
  )
  if (found !== null) return found
  const outside = outsideOf(await repositories.changedPaths(task.repo, given, collected.head), role, task.key)
  if (outside.length === 0) return collected.head
  return {
    class: 'permanent',
    code: 'out-of-scope',
    sentence: `the ${role} changed files that are not its own: ${outside.slice(0, 5).join(', ')}`,
  }
}

/** The deployer's documents carry Orch's verdict, written by Orch. After the merge they are kept with their run. */
async function stamp(
  { repositories, projectOf }: TakeOverDeps,
  { task, run }: RunContext,
  head: Sha,
  keys: VerdictKeys | null,
): Promise<{ head: Sha; report?: string }> {
  if (run.artefact === null || keys === null) return { head }
  const path = artefactPath(task, run.artefact)
  const text = stampFrontMatter(await repositories.readFile(task.repo, head, path), keys)
  if (task.evidence.merge !== undefined) return { head, report: text }
  return {
    head: await repositories.writeFile(
      task.repo,
      head,
      path,
      text,
      projectOf(task.project).author('orch'),
      `${task.key}: verdict of ${task.stage} (run ${run.id})`,
    ),
  }
}

async function factsOf(
  { repositories, projectOf }: TakeOverDeps,
  { task, run }: RunContext,
  role: Role,
  { given, head, base }: { given: Sha; head: Sha; base: Sha },
): Promise<Facts> {
  await repositories.keep(task.repo, `refs/orch/tasks/${task.id}`, head)
  const change = await observeChange(repositories, task, {
    run: run.id,
    role,
    given,
    head,
    base,
    protectedPaths: projectOf(task.project).protectedPaths,
  })
  const artefacts =
    run.artefact === null
      ? {}
      : { [run.artefact]: await observeArtefact(repositories, task, run.artefact, { run: run.id, given, head }) }
  return { base, change, artefacts }
}
