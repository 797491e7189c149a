/** A run of the repository's own check command on a clean checkout of the exact commit, in the agent's isolation. */
import type { CheckFact } from '#core/evidence.ts'
import { headOf } from '#core/evidence.ts'
import type { Sha } from '#core/words.ts'
import type { Forge } from '../ports/forge.ts'
import type { Processes, ProcessResult, Sandbox } from '../ports/processes.ts'
import type { Repositories, Workspaces } from '../ports/repositories.ts'
import type { RunLogs } from '../ports/run-logs.ts'
import type { ProjectOf } from '../project.ts'
import type { RunContext, RunHandler } from '../worker.ts'
import { digestOf } from './change.ts'

export interface CheckDeps {
  readonly forge: Forge
  readonly repositories: Repositories
  readonly workspaces: Workspaces
  readonly processes: Processes
  readonly runLogs: RunLogs
  readonly projectOf: ProjectOf
  /** Folders where the command finds its programs; shown even where they lie in a hidden one. */
  readonly tools: readonly string[]
  /** PATH and language for the command; nothing else of Orch's environment is in its reach. */
  readonly env: { readonly PATH: string; readonly LANG: string }
}

export const checkRun =
  (deps: CheckDeps): RunHandler =>
  async (context) => {
    const { task, run, signal } = context
    const project = deps.projectOf(task.project)
    await deps.repositories.fetch(task.repo, await deps.forge.remote(task.repo), await deps.forge.base(task.repo))
    const sha = task.evidence.merge?.merge ?? headOf(task)
    if (sha === null) throw new Error(`${task.key} has nothing to check`)
    const label = `${task.key}.check`
    if (signal.aborted) return { is: 'stopped' }
    const workspace = await deps.workspaces.create({
      repo: task.repo,
      label,
      branch: task.branch,
      sha,
      by: project.author('orch'),
      sandbox: project.sandbox,
    })
    const runLog = deps.runLogs.open(run.id)
    runLog.append(`$ ${project.check.command}`)
    const process = deps.processes.start({
      argv: ['sh', '-c', project.check.command],
      cwd: workspace.dir,
      env: { ...deps.env, HOME: workspace.home, TMPDIR: workspace.tmp, CI: 'true' },
      sandbox: withTools(workspace.sandbox, deps.tools),
      timeoutMs: project.check.timeoutMs,
      graceMs: 5_000,
      tailBytes: 8 * 1024,
      onLine: (line) => runLog.append(line),
      signal,
    })
    const result = await process.result
    await runLog.close()
    if (result.ended === 'stopped') return { is: 'stopped' }
    const untouched = await deps.workspaces.isUntouched(workspace)
    await deps.workspaces.remove(label)
    return { is: 'finished', facts: { check: await factOf(deps, context, sha, result, untouched) } }
  }

const withTools = (sandbox: Sandbox, tools: readonly string[]): Sandbox =>
  sandbox.is === 'off' ? sandbox : { ...sandbox, readable: [...sandbox.readable, ...tools] }

async function factOf(
  { repositories, projectOf }: CheckDeps,
  { task, run }: RunContext,
  sha: Sha,
  result: ProcessResult,
  untouched: boolean,
): Promise<CheckFact> {
  const { command, timeoutMs } = projectOf(task.project).check
  return {
    run: run.id,
    sha,
    tree: await repositories.tree(task.repo, sha),
    command,
    definition: digestOf(`${command}\n${timeoutMs}`),
    exit: result.code,
    ms: result.ms,
    tail: result.tail,
    ...judge(result, untouched, timeoutMs),
  }
}

/** Only a clean exit that left the tree alone passes; 126 and 127 are the shell's words for a command it cannot run. */
export function judge(
  result: ProcessResult,
  untouched: boolean,
  timeoutMs: number,
): Pick<CheckFact, 'verdict' | 'sentence'> {
  const fail = (sentence: string) => ({ verdict: 'fail', sentence }) as const
  if (result.ended === 'timed-out' || result.ended === 'stalled')
    return fail(`it did not end within ${Math.round(timeoutMs / 1000)} s`)
  if (result.ended === 'missing' || result.code === 127 || result.code === 126)
    return fail('the command could not be found or started')
  if (result.code !== 0) return fail(`exit ${result.code ?? result.signal}: ${lastLines(result.tail)}`)
  return untouched ? { verdict: 'pass', sentence: 'exit 0' } : fail('it changed the tree it was to check')
}

const lastLines = (tail: string): string => tail.trim().split('\n').slice(-5).join(' ⏎ ').slice(-500)
