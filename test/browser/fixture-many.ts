/** Five hundred tasks over ten projects; the same ones each time. */
import type { TaskDetail } from '../../src/core/view.ts'
import { STAGES, type StageName } from '../../src/core/words.ts'
import { buildTask, type TaskSeed } from './fixture-tasks.ts'

const PROJECTS = ['SHOP', 'PAY', 'SEARCH', 'ADMIN', 'API', 'MOBILE', 'DOCS', 'BILLING', 'MAIL', 'STOCK']
const VERBS = [
  'Show',
  'Remove',
  'Speed up',
  'Rename',
  'Export',
  'Translate',
  'Cache',
  'Validate',
  'Log',
  'Retry',
  'Split',
]
const THINGS = [
  'the order list',
  'customer addresses',
  'invoices of the last year',
  'the search index',
  'delivery slips',
  'the login form',
  'nightly reports',
]
const ENDS = [
  '',
  ' for resellers',
  ' without a page load',
  ', and say so when it did not work',
  ' on small screens',
  ' before the end of the quarter, because the old way is going to be switched off',
]
const PHASES = ['running', 'ready', 'gated', 'held', 'waiting'] as const

const pick = <T>(from: readonly T[], at: number): T => from[at % from.length]!

export function manyTasks(now: number, count = 500): readonly TaskDetail[] {
  return Array.from({ length: count }, (_, index) => buildTask(index + 1, now, seed(index, now)))
}

function seed(index: number, now: number): TaskSeed {
  const project = pick(PROJECTS, index)
  const stage = stageOf(index)
  const about = {
    key: `${project}-${100 + index}`,
    title: `${pick(VERBS, index * 3)} ${pick(THINGS, index * 5)}${pick(ENDS, index)}`,
    stage,
    since: now - (index + 1) * 61_000,
    priority: index % 9 === 0 ? 3 : 0,
  }
  if (stage === 'done' || stage === 'cancelled') return { ...about, phase: 'final' }
  if (stage === 'queued') {
    return {
      ...about,
      phase: 'waiting',
      why: `the lane of acme/${project.toLowerCase()} belongs to ${project}-3, ${index} more ahead of it`,
      actions: ['next', 'stop'],
    }
  }
  const phase = pick(PHASES, index)
  if (phase === 'held')
    return {
      ...about,
      phase,
      hold: 'attempts-spent',
      why: 'the check command failed three times: 2 tests red',
      actions: ['retry', 'rework', 'stop'],
    }
  return {
    ...about,
    phase,
    ...((phase === 'waiting' || phase === 'gated') && { why: 'CI has not reported yet: build, lint' }),
  }
}

/** Most of them are queued, as they would be with a serial gate. */
function stageOf(index: number): StageName {
  if (index % 4 !== 0) return 'queued'
  return pick(STAGES.slice(1), index / 4)
}
