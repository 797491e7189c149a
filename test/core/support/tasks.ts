/** Tasks to begin a test with: a new one, and one that was led to any place of the pipeline by `decide` itself. */
import assert from 'node:assert/strict'
import { decide, type Rules } from '#core/decide.ts'
import type { Decision, Phase, Task, Wait } from '#core/model.ts'
import { pipeline } from '#core/pipeline.ts'
import { defaultPolicy, type Policy } from '#core/policy.ts'
import type { Millis, StageName } from '#core/words.ts'
import {
  answeredCi,
  approvedBy,
  finished,
  letIn,
  openedPullRequest,
  type Say,
  settled,
  started,
  stepOf,
  stopped,
  windowOpened,
} from './events.ts'

export const T0: Millis = Date.UTC(2030, 0, 7, 9)
const nothing = { attempts: 0, reworks: 0, transients: 0, crashes: 0, refreshes: 0 }

export const rulesOf = (over: Partial<Policy> = {}): Rules => ({ pipeline, policy: { ...defaultPolicy, ...over } })

export function newTask(over: Partial<Task> = {}): Task {
  return {
    id: 7,
    project: 'shop',
    repo: 'acme/shop',
    number: 7,
    key: 'SHOP-7',
    branch: 'orch/SHOP-7',
    item: { id: 'item-7', title: 'Add a search', description: 'People want to find things.', digest: 'item-a' },
    stage: 'queued',
    step: 0,
    visit: 0,
    phase: { is: 'waiting', since: T0, on: 'let-in', sentence: 'waits to be let in' },
    lane: false,
    runs: 0,
    used: nothing,
    granted: nothing,
    allowances: 0,
    agent: { wish: {}, once: null },
    evidence: { artefacts: {} },
    lineage: [],
    base: null,
    window: null,
    stop: null,
    ending: null,
    notes: [],
    spent: {},
    ...over,
  }
}

const WAITS: Readonly<Record<Wait, Say>> = { 'let-in': letIn(), approval: approvedBy('Mia'), processes: settled(false) }

/** What happens next when all goes well; null where the task has ended or only a person knows. */
export function onward(task: Task): Say | null {
  const { phase } = task
  if (task.ending !== null) return stopped(task.ending)
  switch (phase.is) {
    case 'ready':
      return started()
    case 'running':
      return stepOf(task)?.work.kind === 'merge' && task.window === null ? windowOpened() : finished()
    case 'gated':
      return phase.on === 'pull-request' ? openedPullRequest() : phase.on === 'ci' ? answeredCi('success') : null
    case 'waiting':
      return WAITS[phase.on]
    default:
      return null
  }
}

export interface Place {
  readonly stage: StageName
  readonly phase: Phase['is']
  readonly step?: number
}

/** The first task that stands at this place on the good way, with what was decided on the way. */
export function journey(
  to: Place,
  over: Partial<Policy> = {},
  from: Task = newTask(),
): { task: Task; way: Decision[] } {
  const way: Decision[] = []
  const isThere = (task: Task) =>
    task.stage === to.stage && task.phase.is === to.phase && (to.step === undefined || task.step === to.step)
  let task = from
  for (let n = 1; !isThere(task); n += 1) {
    const say = onward(task)
    assert.ok(say && n < 100, `the good way does not lead to ${to.stage}/${to.phase}; it ends in ${task.stage}`)
    const decision = decide(task, say(task, T0 + n * 60_000), rulesOf(over))
    assert.equal(decision.refused, undefined)
    way.push(decision)
    task = decision.task
  }
  return { task, way }
}

/** Everything configured: staging, production, CI. */
export const full: Partial<Policy> = { staging: true, production: true, requiredContexts: ['build', 'lint'] }

/** Each task on the good way, from queued to done. */
export const everyStep = (over: Partial<Policy> = full): readonly Task[] => [
  newTask(),
  ...journey({ stage: 'done', phase: 'final' }, over).way.map(({ task }) => task),
]

export const at = (stage: StageName, phase: Phase['is'], step?: number, over: Partial<Policy> = {}): Task =>
  journey({ stage, phase, ...(step === undefined ? {} : { step }) }, over).task
