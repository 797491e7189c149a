/** Arbitrary lives of a task: whatever may happen, in any order, led on often enough to get everywhere. */
import fc from 'fast-check'
import { decide, type Rules } from '#core/decide.ts'
import type { ChangeFact, Facts } from '#core/evidence.ts'
import type { Decision, Event, Task } from '#core/model.ts'
import type { Policy } from '#core/policy.ts'
import { type Millis, STAGES } from '#core/words.ts'
import * as say from './events.ts'
import { everyStep, newTask, onward, rulesOf, T0 } from './tasks.ts'
import { transcript } from './transcript.ts'

export interface Moment {
  readonly before: Task
  readonly event: Event
  readonly decision: Decision
}
export interface History {
  /** A counterexample is told as a story. */
  readonly [fc.toStringMethod]: () => string
  readonly rules: Rules
  readonly moments: readonly Moment[]
  readonly last: Task
}

const policies: fc.Arbitrary<Partial<Policy>> = fc.record({
  approval: fc.constantFrom('person' as const, 'auto' as const),
  staging: fc.boolean(),
  production: fc.boolean(),
  requiredContexts: fc.constantFrom([], ['build'], ['build', 'lint']),
  limits: fc.record({
    attempts: fc.integer({ min: 1, max: 3 }),
    reworks: fc.integer({ min: 0, max: 2 }),
    transients: fc.integer({ min: 0, max: 4 }),
    crashes: fc.integer({ min: 0, max: 4 }),
    refreshes: fc.integer({ min: 0, max: 2 }),
  }),
})

const well: say.Say = (task, at) => (onward(task) ?? say.retryBy('Mia'))(task, at)
const PEOPLE = ['Mia', 'Noor']
const person = fc.constantFrom(...PEOPLE)
/** Facts that only one kind of run can find. */
const only = (kind: 'merge' | 'deploy', facts: (task: Task) => Facts): say.Say =>
  say.finished((task) => (say.stepOf(task)?.work.kind === kind ? facts(task) : say.goodFacts(task)))
/** Only an agent asks, and only an agent that fails may leave something. */
const ofAgent =
  (word: say.Say): say.Say =>
  (task, at) =>
    (say.roleOf(task) === null ? well : word)(task, at)
const changing = (over: (task: Task) => Partial<ChangeFact>): say.Say =>
  say.finished((task) => {
    const facts = say.goodFacts(task)
    return facts.change ? { ...facts, change: { ...facts.change, ...over(task) } } : facts
  })
const moved = (content: 'code' | 'artefacts' | 'nothing'): say.Say =>
  only('merge', (task) => ({
    refreshed: {
      given: say.headOf(task),
      head: content === 'nothing' ? say.headOf(task) : say.shaOf(say.runOf(task)),
      base: `base-of-${say.runOf(task)}`,
      content,
    },
  }))

/** What can happen in one place only, and would hardly ever be met there by chance. */
const rare: readonly say.Say[] = [
  changing((task) =>
    task.stage === 'development' ? { protectedPaths: ['.ci/run'], diffDigest: say.runOf(task) } : {},
  ),
  only('deploy', (task) => ({ [task.stage === 'deploy' ? 'production' : 'staging']: say.inconclusive(task) })),
  (task, at) => (task.window === null ? well : say.stopBy('Mia'))(task, at),
]

const fromRuns = fc.oneof(
  fc.constantFrom(
    say.started(),
    say.finished(),
    say.finished(say.badFacts),
    say.finished(() => ({})),
    say.finished((task) => ({ ...say.goodFacts(task), artefacts: {} })),
    changing(() => ({ outside: ['src/a.ts'] })),
    ...rare,
    moved('code'),
    moved('artefacts'),
    moved('nothing'),
    only('merge', () => ({ conflict: { base: 'base-2', paths: ['a.ts'] } })),
    say.failed(),
    ofAgent(say.failed({}, say.goodFacts)),
    say.overloaded(),
    say.overloaded(3_600_000),
    ofAgent(say.asked()),
    ofAgent(say.finished(say.goodFacts, { overBudget: '$5.00 were used by this task; the soft limit is $5.00' })),
    ofAgent(say.failed({ code: 'budget', sentence: 'the budget is spent' }, say.goodFacts)),
    ofAgent(say.limited(3_600_000)),
    say.lost(),
    say.lost(false),
    say.stopped(),
    say.windowOpened(),
    say.windowOpened('sha-of-nobody'),
  ),
  fc
    .constantFrom(
      'no-pull-request' as const,
      'not-merged' as const,
      'merge-unverified' as const,
      'foreign-merge' as const,
    )
    .map((hold) => only('merge', () => ({ notMerged: { hold, sentence: 'the forge said no' } }))),
)

const fromPeople = fc.oneof(
  person.map(say.opened),
  fc
    .tuple(person, fc.constantFrom(undefined, 'item-a:analysis-7.1', 'digest-1'))
    .map(([by, subject]) => say.approvedBy(by, subject)),
  fc.tuple(person, fc.constantFrom(undefined, ...STAGES)).map(([by, to]) => say.reworkBy(by, 'why', to)),
  person.map((by) => say.retryBy(by)),
  person.map((by) => say.agentSetBy(by, { model: 'acme-one' })),
  person.map((by) => say.answeredBy(by)),
  { weight: 1, arbitrary: person.map(say.stopBy) },
)

/** Nobody merges a pull request that is not there. */
const withPullRequest =
  (word: say.Say): say.Say =>
  (task, at) =>
    (task.evidence.pr ? word : well)(task, at)

/** Git is read for the task only where somebody has to know. */
const whenUnsure =
  (word: say.Say): say.Say =>
  (task, at) =>
    (task.phase.is === 'waiting' && task.phase.on === 'processes' && task.ending === null ? word : well)(task, at)

const fromWorld = fc.oneof(
  fc.constantFrom('item-a', 'item-b', 'item-c').map(say.edited),
  person.map((by) => withPullRequest(say.mergedBy(by))),
  person.map((by) => withPullRequest(say.mergedBy(by, 'sha-of-nobody'))),
  person.map(say.closedBy),
  fc.constantFrom('ensure-pr', 'push-branch', 'comment').map((effect) => say.effectFailed(effect)),
  fc.constantFrom('success' as const, 'failure' as const, 'pending' as const).map((state) => say.answeredCi(state)),
  fc.constantFrom('open' as const, 'closed' as const).map((state) => say.openedPullRequest({ state })),
  fc.constantFrom(say.openedPullRequest({ headSha: 'sha-of-nobody' }), say.deadline(), say.deadline(1), say.letIn()),
)

/** A word of a run that is not the live one, or of none. */
const fromOtherRuns = fc.tuple(fromRuns, fc.integer({ min: -3, max: 3 })).map(
  ([word, off]): say.Say =>
    (task, at) => {
      const event = word(task, at)
      return 'run' in event ? { ...event, run: `${task.id}.${task.runs + off}` } : event
    },
)

const step = fc.oneof(
  { weight: 14, arbitrary: fc.constant(well) },
  { weight: 3, arbitrary: fromRuns },
  { weight: 2, arbitrary: fromWorld },
  { weight: 1, arbitrary: fc.constantFrom(say.deadline(), say.finished(say.badFacts)) },
  { weight: 1, arbitrary: fc.constant(moved('code')) },
  { weight: 2, arbitrary: fromPeople },
  { weight: 1, arbitrary: fromOtherRuns },
  { weight: 1, arbitrary: fc.constantFrom(...rare) },
  { weight: 1, arbitrary: fc.constantFrom(say.stopped(), whenUnsure(say.settled(true))) },
)

export const anyWord = fc.oneof(fromRuns, fromWorld, fromPeople, fromOtherRuns, fc.constant(well))

const text = fc.oneof(
  fc.string(),
  fc.constantFrom('', '7.1', '7.2', '7.3', 'sha-7.1', 'base-1', '__proto__', 'ci', 'deploy'),
)
const wildFacts = fc.record(
  {
    artefacts: fc.constantFrom({}, { analysis: { frontMatter: { problem: [] } } }, { review: { frontMatter: {} } }),
    change: fc.record({
      run: text,
      given: text,
      head: text,
      content: text,
      outside: fc.array(text),
      ahead: fc.integer(),
      protectedPaths: fc.array(text),
      diffDigest: text,
    }),
    check: fc.record({ sha: text, verdict: text, sentence: text }),
    pr: fc.record({ number: fc.integer(), headSha: text, state: fc.constantFrom('open', 'closed', 'merged') }),
    ci: fc.record({ sha: text, contexts: fc.dictionary(text, text) }),
    merge: fc.record({
      head: text,
      base: text,
      merge: text,
      by: fc.constantFrom('orch', 'person'),
      treeEqual: fc.boolean(),
    }),
    refreshed: fc.record({ given: text, head: text, base: text, content: text }),
    conflict: fc.record({ base: text, paths: fc.array(text) }),
    production: fc.record({ sha: text, verdict: text, sentence: text }),
  },
  { requiredKeys: [] },
)

/** Events that no engine would send: any type with any other's fields, and facts that fit nothing. */
export const wildEvents: fc.Arbitrary<Event> = fc
  .record({
    type: fc.constantFrom<Event['type']>(
      ...([
        'opened',
        'let-in',
        'run-started',
        'run-finished',
        'run-failed',
        'run-asked',
        'run-lost',
        'run-stopped',
      ] as const),
      ...(['observed', 'effect-failed', 'window-opened', 'pr-merged', 'pr-closed', 'item-edited', 'approved'] as const),
      ...(['rework', 'retry', 'answered', 'stop', 'deadline'] as const),
    ),
    at: fc.integer(),
    run: fc.oneof(
      text,
      fc.nat(20).map((n) => `7.${n}`),
    ),
    role: fc.constantFrom(null, 'developer', 'analyst'),
    facts: wildFacts,
    failure: fc.record({
      class: fc.constantFrom('transient', 'permanent'),
      code: text,
      sentence: text,
      retryAfterMs: fc.double(),
    }),
    counts: fc.boolean(),
    by: text,
    head: text,
    merge: text,
    why: text,
    question: text,
    effect: text,
    sentence: text,
    subject: text,
    to: fc.constantFrom(...STAGES),
    item: fc.record({ id: text, title: text, description: text, digest: text }),
    name: fc.constant('ci'),
    visit: fc.integer(),
  })
  .map((event) => event as unknown as Event)

export function live(rules: Rules, words: readonly say.Say[], from: Task = newTask(), start: Millis = T0): History {
  const moments: Moment[] = []
  let task = from
  words.forEach((word, index) => {
    const event = word(task, start + (index + 1) * 1_000)
    const decision = decide(task, event, rules)
    moments.push({ before: task, event, decision })
    task = decision.task
  })
  return { rules, moments, last: task, [fc.toStringMethod]: () => tell(from, rules, moments) }
}

function tell(from: Task, { policy }: Rules, moments: readonly Moment[]): string {
  const story = transcript(from)
  for (const { event, decision } of moments) story.add(event, decision)
  return `${JSON.stringify(policy)}\n${story.text()}`
}

/** Half of them begin in the queue, half somewhere on the good way, so that its end is seen often enough. */
export const histories = (length = 60): fc.Arbitrary<History> =>
  fc
    .tuple(policies, fc.nat(99), fc.boolean(), fc.array(step, { minLength: 1, maxLength: length, size: 'max' }))
    .map(([over, percent, fromStart, words]) => {
      const way = everyStep(over).filter(({ phase }) => phase.is !== 'final')
      const from = fromStart ? newTask() : (way[Math.floor((percent * way.length) / 100)] ?? newTask())
      return live(rulesOf(over), words, from, from.phase.since)
    })

/** Where a life can be, with the rules it is lived by, and how it got there. */
export const states = (length = 60): fc.Arbitrary<History & { readonly task: Task }> =>
  histories(length).map((history) => ({ ...history, task: history.last }))
