/** The words of the stories: each makes one event that fits the task it is said of. */
import type { AgentWish } from '#core/agent-choice.ts'
import type { ArtefactFact, ChangeFact, CheckFact, DeployFact, Facts } from '#core/evidence.ts'
import type { Event, Failure, Task, Usage } from '#core/model.ts'
import { pipeline, type Step } from '#core/pipeline.ts'
import {
  type ArtefactName,
  isWorkStage,
  type Millis,
  type Role,
  type RunId,
  type Sha,
  type StageName,
} from '#core/words.ts'

/** An event as a sentence of the story: what it is follows from the task it happens to. */
export type Say = (task: Task, at: Millis) => Event

export const stepOf = (task: Task): Step | undefined =>
  isWorkStage(task.stage) ? pipeline[task.stage].steps[task.step] : undefined
export const BASE: Sha = 'base-1'
export const runOf = ({ phase, id, runs, ending }: Task): RunId =>
  phase.is === 'ready' || phase.is === 'running' ? phase.run : (ending ?? `${id}.${runs}`)
/** The commit that a run leaves. */
export const shaOf = (run: RunId): Sha => `sha-${run}`
export const headOf = (task: Task): Sha => task.lineage.at(-1) ?? BASE
export const roleOf = (task: Task): Role | null => {
  const work = stepOf(task)?.work
  return work?.kind === 'agent' ? work.role : null
}

export const changeOf = (task: Task, over: Partial<ChangeFact> = {}): ChangeFact => ({
  run: runOf(task),
  given: headOf(task),
  head: shaOf(runOf(task)),
  content: 'artefacts',
  outside: [],
  ahead: 1,
  protectedPaths: [],
  diffDigest: 'none',
  ...over,
})

export const checkOf = (task: Task, over: Partial<CheckFact> = {}): CheckFact => ({
  run: runOf(task),
  sha: task.evidence.merge?.merge ?? headOf(task),
  tree: 'tree',
  command: 'npm test',
  definition: 'definition',
  exit: 0,
  ms: 1_000,
  tail: '',
  verdict: 'pass',
  sentence: 'exit 0',
  ...over,
})

const FRONT: Readonly<Partial<Record<ArtefactName, Readonly<Record<string, unknown>>>>> = {
  analysis: { problem: 'No search.', acceptance_criteria: ['Things are found.'], test_plan: ['Search for one.'] },
  architecture: { summary: 'An index.' },
  review: { verdict: 'APPROVED', summary: 'Good.' },
  test: { test_status: 'PASS', summary: 'All found.' },
}

export const artefactOf = (task: Task, name: ArtefactName, over: Partial<ArtefactFact> = {}): ArtefactFact => ({
  run: runOf(task),
  sha: headOf(task),
  digest: `${name}-${runOf(task)}`,
  frontMatter: FRONT[name] ?? {},
  problem: null,
  ...over,
})

const deployOf = (task: Task, over: Partial<DeployFact> = {}): DeployFact => ({
  run: runOf(task),
  sha: task.evidence.merge?.merge ?? headOf(task),
  verdict: 'success',
  sentence: 'the probes are green',
  ...over,
})

export const mergeOf = (task: Task): NonNullable<Facts['merge']> => ({
  head: headOf(task),
  base: task.base ?? BASE,
  merge: `merge-${task.id}`,
  by: 'orch',
  treeEqual: true,
})

/** What the current step finds when all is well. */
export function goodFacts(task: Task): Facts {
  const work = stepOf(task)?.work
  switch (work?.kind) {
    case 'agent': {
      if (task.evidence.merge) return {}
      const artefacts = work.artefact === null ? {} : { [work.artefact]: artefactOf(task, work.artefact) }
      const content = work.role === 'developer' ? 'code' : 'artefacts'
      return { base: BASE, change: changeOf(task, { content }), artefacts }
    }
    case 'check':
      return { check: checkOf(task) }
    case 'merge':
      return { merge: mergeOf(task) }
    case 'deploy':
      return { [work.target]: deployOf(task) }
    default:
      return {}
  }
}

/** What the current step finds, with a verdict against it. */
export function badFacts(task: Task, summary = 'It does not work.'): Facts {
  const work = stepOf(task)?.work
  const good = goodFacts(task)
  if (work?.kind === 'check') return { check: checkOf(task, { verdict: 'fail', exit: 1, sentence: 'exit 1: red' }) }
  if (work?.kind === 'deploy')
    return { [work.target]: deployOf(task, { verdict: 'failed', sentence: 'the probes are red' }) }
  if (work?.kind === 'merge') return { notMerged: { hold: 'not-merged', sentence: 'the forge refused the merge' } }
  if (work?.kind !== 'agent' || work.artefact === null) return { ...good, change: changeOf(task, { ahead: 0 }) }
  const verdict = { verdict: 'CHANGES_REQUESTED', test_status: 'FAIL', summary }
  return { ...good, artefacts: { [work.artefact]: artefactOf(task, work.artefact, { frontMatter: verdict }) } }
}

export const inconclusive = (task: Task): DeployFact =>
  deployOf(task, { verdict: 'inconclusive', sentence: 'the probes did not answer' })

export const letIn = (): Say => (_, at) => ({ type: 'let-in', at })
export const opened =
  (by = 'Mia'): Say =>
  (_, at) => ({ type: 'opened', at, by })
export const started =
  (run?: RunId): Say =>
  (task, at) => ({
    type: 'run-started',
    at,
    run: run ?? runOf(task),
    role: roleOf(task),
    host: 'host-a',
  })
export const finished =
  (
    facts: (task: Task) => Facts = goodFacts,
    { usage, run, overBudget }: { usage?: Usage; run?: RunId; overBudget?: string } = {},
  ): Say =>
  (task, at) => ({
    type: 'run-finished',
    at,
    run: run ?? runOf(task),
    role: roleOf(task),
    facts: facts(task),
    ...(usage ? { usage } : {}),
    ...(overBudget === undefined ? {} : { overBudget }),
  })
export const failed =
  (failure: Partial<Failure> = {}, facts?: (task: Task) => Facts): Say =>
  (task, at) => ({
    type: 'run-failed',
    at,
    run: runOf(task),
    role: roleOf(task),
    failure: { class: 'permanent', code: 'crashed', sentence: 'the agent crashed', ...failure },
    ...(facts ? { facts: facts(task) } : {}),
  })
export const overloaded = (retryAfterMs?: number): Say =>
  failed({
    class: 'transient',
    code: 'overloaded',
    sentence: 'the model is overloaded',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
/** The account's limit is reached, for `ms` more. */
export const limited =
  (ms: number): Say =>
  (task, at) =>
    failed({ class: 'transient', code: 'usage-limit', sentence: 'the account is at its limit', until: at + ms })(
      task,
      at,
    )
export const asked =
  (question = 'Which colour?', facts: (task: Task) => Facts = goodFacts): Say =>
  (task, at) => ({ type: 'run-asked', at, run: runOf(task), role: roleOf(task), question, facts: facts(task) })
export const lost =
  (counts = true, why = 'the host died'): Say =>
  (task, at) => ({ type: 'run-lost', at, run: runOf(task), why, counts })
export const stopped =
  (run?: RunId): Say =>
  (task, at) => ({ type: 'run-stopped', at, run: run ?? task.ending ?? runOf(task) })

export const observed =
  (facts: (task: Task) => Facts): Say =>
  (task, at) => ({ type: 'observed', at, facts: facts(task) })
/** Git was read: the merge that nobody was sure of was made, or it was not. */
export const settled = (wasMerged: boolean): Say =>
  observed((task) =>
    wasMerged ? { merge: mergeOf(task) } : { notMerged: { hold: 'not-merged', sentence: 'the head is not in base' } },
  )
export const openedPullRequest = (over: Partial<NonNullable<Facts['pr']>> = {}): Say =>
  observed((task) => ({
    pr: {
      number: 3,
      url: 'http://forge/3',
      head: task.branch,
      headSha: headOf(task),
      base: 'main',
      state: 'open',
      ...over,
    },
  }))
export const answeredCi = (state: 'success' | 'failure' | 'pending', ...names: string[]): Say =>
  observed((task) => ({
    ci: {
      sha: headOf(task),
      contexts: Object.fromEntries((names.length > 0 ? names : ['build', 'lint']).map((name) => [name, state])),
    },
  }))
export const effectFailed =
  (effect: string, sentence = 'the forge said no'): Say =>
  (_, at) => ({
    type: 'effect-failed',
    at,
    effect,
    sentence,
  })
export const windowOpened =
  (head?: Sha, run?: RunId): Say =>
  (task, at) => ({ type: 'window-opened', at, run: run ?? runOf(task), head: head ?? headOf(task) })
export const deadline =
  (visit?: number): Say =>
  (task, at) => ({ type: 'deadline', at, name: 'ci', visit: visit ?? task.visit })

export const mergedBy =
  (by: string, head?: Sha): Say =>
  (task, at) => ({ type: 'pr-merged', at, by, head: head ?? headOf(task), merge: 'merge-by-hand' })
export const closedBy =
  (by: string): Say =>
  (_, at) => ({ type: 'pr-closed', at, by })
export const edited =
  (digest: string): Say =>
  (task, at) => ({ type: 'item-edited', at, item: { ...task.item, title: 'Add a better search', digest } })
export const approvedBy =
  (by: string, subject?: string, said?: Millis): Say =>
  (_, at) => ({
    type: 'approved',
    at,
    by,
    ...(subject === undefined ? {} : { subject }),
    ...(said === undefined ? {} : { said }),
  })
export const reworkBy =
  (by: string, why = 'not what I meant', to?: StageName): Say =>
  (_, at) => ({ type: 'rework', at, by, why, ...(to === undefined ? {} : { to }) })
export const agentSetBy =
  (by: string, wish: AgentWish): Say =>
  (_, at) => ({ type: 'agent-set', at, by, wish })
export const retryBy =
  (by: string, wish?: AgentWish): Say =>
  (_, at) => ({ type: 'retry', at, by, ...(wish ? { wish } : {}) })
export const answeredBy =
  (by: string, text = 'Blue.'): Say =>
  (_, at) => ({ type: 'answered', at, by, text })
export const stopBy =
  (by: string): Say =>
  (_, at) => ({ type: 'stop', at, by })
