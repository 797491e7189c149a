/** A run of an agent: a private checkout of what the task is about, the agent in it, and what it left, read back. */

import type { Facts } from '#core/evidence.ts'
import { headOf } from '#core/evidence.ts'
import type { Failure } from '#core/model.ts'
import { artefactFolder } from '#core/naming.ts'
import { artefactPath, promptText } from '#core/prompt.ts'
import type { Role, Sha } from '#core/words.ts'
import { stampFrontMatter } from '../front-matter.ts'
import type { Forge } from '../ports/forge.ts'
import type { StopReason } from '../ports/processes.ts'
import type { Repositories, Workspace, Workspaces } from '../ports/repositories.ts'
import type { RunLogs } from '../ports/run-logs.ts'
import type { AgentEvent, AgentResult } from '../ports/runtime.ts'
import type { ProjectOf } from '../project.ts'
import type { Outcome, RunContext, RunHandler } from '../worker.ts'
import { observeArtefact, observeChange, outsideOf } from './change.ts'
import { type VerdictKeys, verdictKeys } from './verdict-keys.ts'

export interface AgentDeps {
  readonly forge: Forge
  readonly repositories: Repositories
  readonly workspaces: Workspaces
  readonly runLogs: RunLogs
  readonly projectOf: ProjectOf
}

export const agentRun =
  (deps: AgentDeps): RunHandler =>
  async (context) => {
    const { task, run, signal } = context
    if (run.role === null) throw new Error(`run ${run.id} is an agent's and has no role`)
    const role = run.role
    const project = deps.projectOf(task.project)
    const branchBase = await deps.forge.base(task.repo)
    const base = await deps.repositories.fetch(task.repo, await deps.forge.remote(task.repo), branchBase)
    const given = task.evidence.merge?.merge ?? headOf(task) ?? base
    // A worker that was held up so long that its claim is gone must not take the folder from the run after it.
    if (signal.aborted) return { is: 'stopped' }
    const workspace = await deps.workspaces.create({
      repo: task.repo,
      label: task.key,
      branch: task.branch,
      sha: given,
      by: project.author(role),
      sandbox: project.sandbox,
    })
    if (signal.aborted) return { is: 'stopped' }
    const result = await work(deps, context, role, workspace)
    return conclude(deps, context, role, workspace, { given, base }, result)
  }

async function work(
  { projectOf, runLogs }: AgentDeps,
  { task, run, signal }: RunContext,
  role: Role,
  workspace: Workspace,
): Promise<AgentResult> {
  const project = projectOf(task.project)
  const prompt = {
    text: promptText(task, role, run.artefact),
    task: {
      key: task.key,
      title: task.item.title,
      description: task.item.description,
      folder: artefactFolder(task.key),
    },
    artefact: run.artefact === null ? null : artefactPath(task, run.artefact),
    notes: task.notes,
  }
  const agent = project.runtime.start({ run: run.id, role, workspace, prompt, limits: project.limits(role) })
  const stop = () => agent.stop(signal.reason as StopReason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop)
  const runLog = runLogs.open(run.id)
  try {
    for await (const event of agent.events) runLog.append(lineOf(event))
    return await agent.result
  } finally {
    signal.removeEventListener('abort', stop)
    await runLog.close()
  }
}

const lineOf = (event: AgentEvent): string => {
  switch (event.is) {
    case 'text':
      return event.text
    case 'tool':
      return `[${event.name}] ${event.detail}`
    case 'usage':
      return `[usage] ${JSON.stringify(event.usage)}`
    case 'raw':
      return event.line
  }
}

async function conclude(
  deps: AgentDeps,
  context: RunContext,
  role: Role,
  workspace: Workspace,
  at: { given: Sha; base: Sha },
  result: AgentResult,
): Promise<Outcome> {
  const { task, run } = context
  if (result.is === 'stopped') return { is: 'stopped' }
  const { usage } = result
  const taken = result.is === 'failed' ? result.failure : await takeOver(deps, context, role, workspace, at.given)
  const keys = run.artefact === null ? null : verdictKeys(task, run.artefact)
  // A document whose verdict is Orch's own is written even where the agent's prose failed.
  if (typeof taken === 'object' && keys === null) return { is: 'failed', failure: taken, usage }
  const { head, report } = await stamp(deps, context, typeof taken === 'object' ? at.given : taken, keys)
  const facts = report === undefined ? await factsOf(deps, context, role, { ...at, head }) : {}
  if (result.is === 'asked') return { is: 'asked', question: result.question, facts, usage }
  return { is: 'finished', facts, usage, ...(report === undefined ? {} : { report }) }
}

/** The head that the run left, or why it is not taken: the branch then stays where it was. */
async function takeOver(
  { workspaces, repositories, projectOf }: AgentDeps,
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
  { repositories, projectOf }: AgentDeps,
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
  { repositories, projectOf }: AgentDeps,
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
