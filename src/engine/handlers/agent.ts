/** A run of an agent: a private checkout of what the task is about, the agent in it, and what it left, read back. */

import { chooseAgent } from '#core/agent-choice.ts'
import { headOf } from '#core/evidence.ts'
import type { Failure } from '#core/model.ts'
import type { OverBudget } from '#core/spending.ts'
import type { Millis, Role, RunId } from '#core/words.ts'
import type { StopReason } from '../ports/processes.ts'
import type { Workspace } from '../ports/repositories.ts'
import type { AgentResult, AgentRun, Session } from '../ports/runtime.ts'
import type { RunAgent } from '../ports/store.ts'
import { nextDay, type SpendingWatch, watchSpending } from '../spending-watch.ts'
import { failureOfThrown, type Outcome, type RunContext, type RunHandler } from '../worker.ts'
import { promptOf } from './prompt.ts'
import { conclude, type TakeOverDeps } from './take-over.ts'

export type AgentDeps = TakeOverDeps

export const agentRun =
  (deps: AgentDeps): RunHandler =>
  async (context) => {
    const { task, run, signal } = context
    if (run.role === null) throw new Error(`run ${run.id} is an agent's and has no role`)
    const role = run.role
    const project = deps.projectOf(task.project)
    const spending = watchSpending(deps, run, project, task.allowances)
    const spent = await spending.judge({})
    if (spent?.level === 'hard') return { is: 'failed', failure: spentFailure(spent, deps.clock.now()) }

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
    const worked = await work(deps, context, role, workspace, spending)
    if (worked === null) return { is: 'stopped' }
    const { agent, result, over } = worked
    // What it used is paid for, whatever becomes of what it left.
    const outcome = await conclude(deps, context, role, workspace, { given, base }, result).catch(
      (thrown: unknown): Outcome => ({ is: 'failed', failure: failureOfThrown(thrown), usage: result.usage }),
    )
    return withSpending({ ...outcome, ...('usage' in outcome ? { agent, agentFailure: failureOf(result) } : {}) }, over)
  }

const failureOf = (result: AgentResult): Failure | null => (result.is === 'failed' ? result.failure : null)

/** Day's money is there again tomorrow, and nobody has to do anything; the task's own only a person can give. */
function spentFailure({ scope, sentence }: OverBudget, now: number): Failure {
  return scope === 'day'
    ? { class: 'transient', code: 'day-budget', sentence, until: nextDay(now) }
    : { class: 'permanent', code: 'budget', sentence }
}

const withSpending = (outcome: Outcome, over: OverBudget | null): Outcome =>
  outcome.is === 'finished' && over !== null ? { ...outcome, overBudget: over.sentence } : outcome

async function work(
  deps: AgentDeps,
  { task, run, signal }: RunContext,
  role: Role,
  workspace: Workspace,
  spending: SpendingWatch,
): Promise<{ agent: RunAgent; result: AgentResult; over: OverBudget | null } | null> {
  const project = deps.projectOf(task.project)
  const runtime = project.runtime(role)
  const { once, wish } = task.agent
  const choice = chooseAgent(
    role,
    [...(once ? [{ from: 'this run', wish: once }] : []), { from: 'the task', wish }, ...project.wishes(role)],
    runtime.names,
  )
  const session = await sessionBefore(deps, run.id, role, runtime.name)
  const begun: RunAgent = {
    runtime: runtime.name,
    provider: runtime.provider,
    choice,
    models: [],
    session: null,
    resumes: session?.run ?? null,
  }
  const isOurs = await deps.store.transaction((tx) => tx.updateRun(run.id, ['admitted'], { agent: begun }))
  if (!isOurs || signal.aborted) return null
  const { prompt, followUp } = promptOf(project, task, role, run.artefact)
  const agent = runtime.start({
    run: run.id,
    role,
    workspace,
    prompt,
    choice,
    limits: project.limits(role),
    egress: project.egress(role),
    resume: session && { ...session, text: followUp },
  })
  const stop = () => agent.stop(signal.reason as StopReason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop)
  try {
    const over = await follow(deps, run.id, agent, spending, choice.model)
    const result = await agent.result
    const last = over ?? (await spending.judge(result.usage).catch(() => null))
    const ended: RunAgent = {
      ...begun,
      models: result.models,
      session: result.is === 'asked' ? result.session : null,
    }
    return { agent: ended, ...settle(result, last, deps.clock.now()) }
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Writes down what it says, and ends it when a hard limit is reached. */
async function follow(
  { runLogs, log }: AgentDeps,
  run: RunId,
  agent: AgentRun,
  spending: SpendingWatch,
  model: string | null,
): Promise<OverBudget | null> {
  const runLog = runLogs.open(run)
  let over: OverBudget | null = null
  try {
    for await (const event of agent.events) {
      if (event.is === 'raw') runLog.raw(event.line)
      else if (event.is === 'text') runLog.append(event.text)
      else if (event.is === 'tool') runLog.append(`[${event.name}] ${event.detail}`)
      else if (event.is === 'provider') runLog.append(`[${event.what}] ${event.sentence}`)
      else if (over?.level !== 'hard') {
        // A budget that cannot be read for a moment is read with the next figures; it ends no run.
        over =
          (await spending.heard(event.usage, event.usage.model ?? model).catch((error: unknown) => warn(error))) ?? over
        if (over?.level === 'hard') {
          runLog.append(`[budget] ${over.sentence}`)
          agent.stop('budget')
        }
      }
    }
  } finally {
    await runLog.close()
  }
  return over

  function warn(error: unknown): null {
    log.warn({ run, error: error instanceof Error ? error.message : error }, 'the budget of a run could not be read')
    return null
  }
}

/** A run that was ended for its budget has failed by it, whatever it managed to say; one that had ended is asked about. */
function settle(
  result: AgentResult,
  over: OverBudget | null,
  now: Millis,
): { result: AgentResult; over: OverBudget | null } {
  if (result.is !== 'stopped' || result.reason !== 'budget') return { result, over }
  const { usage, models } = result
  const spent = over ?? { level: 'hard', scope: 'run', sentence: 'the budget of this run is spent' }
  return { result: { is: 'failed', usage, models, failure: spentFailure(spent, now) }, over: null }
}

/** The conversation that the run just before this one left open with a question. */
async function sessionBefore({ store }: AgentDeps, run: RunId, role: Role, runtime: string): Promise<Session | null> {
  const at = run.lastIndexOf('.') + 1
  const before = await store.reads.runById(`${run.slice(0, at)}${Number(run.slice(at)) - 1}`)
  return before?.role === role && before.agent?.runtime === runtime ? before.agent.session : null
}
