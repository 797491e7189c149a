/** What an agent may do: good work, bad work, or none. Each act is a change of the checkout and a way to end. */
import type { Failure } from '#core/model.ts'
import type { Role, Sha } from '#core/words.ts'
import type { AgentSpec } from '#engine/ports/runtime.ts'
import type { Random } from '../random.ts'
import type { Checkout } from './checkouts.ts'
import type { Git } from './git.ts'

export interface Act {
  readonly name: string
  /** How long it works; null: for ever. */
  readonly ms: number | null
  readonly isStubborn: boolean
  readonly write?: (checkout: Checkout) => void
  /** What the reviewer or tester wrote, where that can be read. */
  readonly verdict?: string
  readonly result:
    | { readonly is: 'completed' }
    | { readonly is: 'asked'; readonly question: string }
    | { readonly is: 'failed'; readonly failure: Failure }
}

/** How an item's agents are: an ordinary mix, or one fault that never goes away while faults are on. */
export type Persona =
  | 'ordinary'
  | 'forgetful'
  | 'overloaded'
  | 'careless'
  | 'strict-reviewer'
  | 'failing-tester'
  | 'breaker'
  | 'silent'

export interface Stage {
  readonly git: Git
  readonly random: Random
  /** Share of acts that are not good work; 0 in calm times. */
  readonly trouble: number
  readonly persona: Persona
  /** How long an agent works, at least and at most. */
  readonly workMs: readonly [number, number]
  /** The document it owes lies there already, from an earlier run. */
  readonly hasDocument: boolean
  /** Base as Orch last fetched it; what a developer merges when told of a conflict. */
  readonly base: Sha
}

const completed = { is: 'completed' } as const
const failure = (code: string, rest: Partial<Failure> = {}): Failure => ({
  class: 'permanent',
  code,
  sentence: `agent: ${code}`,
  ...rest,
})

type Trouble =
  | 'crash'
  | 'overloaded'
  | 'hang'
  | 'ask'
  | 'no-artefact'
  | 'bad-artefact'
  | 'out-of-scope'
  | 'spoilt'
  | 'own-trouble'

const MIX: readonly (readonly [Trouble, number])[] = [
  ['crash', 2],
  ['overloaded', 3],
  ['hang', 1],
  ['ask', 2],
  ['no-artefact', 2],
  ['bad-artefact', 2],
  ['out-of-scope', 2],
  ['spoilt', 1],
  ['own-trouble', 7],
]

export function play(spec: AgentSpec, stage: Stage): Act {
  const { random } = stage
  const isStubborn = random.chance(stage.trouble / 2)
  const ms = random.between(...stage.workMs)
  const trouble = troubleOf(spec.role, stage)
  switch (trouble) {
    case 'crash':
      return {
        name: trouble,
        ms,
        isStubborn,
        result: { is: 'failed', failure: failure('crashed') },
        write: scribble(stage),
      }
    case 'overloaded': {
      const retryAfterMs = random.chance(0.5) ? { retryAfterMs: random.between(1_000, 90_000) } : {}
      const overload = failure(random.chance(0.15) ? 'auth' : 'overloaded', { class: 'transient', ...retryAfterMs })
      const write = scribble(stage, spec)
      const result = { is: 'failed', failure: overload } as const
      return { name: trouble, ms: random.between(100, 3_000), isStubborn, result, write }
    }
    case 'hang':
      return { name: trouble, ms: null, isStubborn, result: completed }
    case 'ask':
      return {
        name: trouble,
        ms,
        isStubborn,
        result: { is: 'asked', question: 'Which of the two?' },
        write: scribble(stage, spec),
      }
    case 'no-artefact':
      return { name: trouble, ms, isStubborn, result: completed }
    case 'spoilt':
      return { name: trouble, ms, isStubborn, result: completed, write: spoil }
    default:
      return { isStubborn, ...workOf(spec, stage, ms, trouble) }
  }
}

const spoil = (checkout: Checkout) => {
  checkout.isSpoilt = true
}

function troubleOf(role: Role, { random, persona, trouble, hasDocument }: Stage): Trouble | null {
  if (trouble > 0 && persona !== 'ordinary' && random.chance(0.85)) {
    if (persona === 'overloaded') return 'overloaded'
    // The tester fails the first time; then nobody writes anew what stands there already.
    if (persona === 'forgetful' && hasDocument && random.chance(0.6)) return 'no-artefact'
    if (persona === 'forgetful') return role === 'tester' && !hasDocument ? 'own-trouble' : null
    if (persona === 'silent') return role === 'analyst' ? null : 'no-artefact'
    if (persona === 'careless') return random.pick(['bad-artefact', 'out-of-scope', 'crash'])
    const own = { 'strict-reviewer': 'reviewer', 'failing-tester': 'tester', breaker: 'developer' }[persona]
    return own === role ? 'own-trouble' : null
  }
  return random.chance(trouble) ? random.weighted(MIX) : null
}

/** Half of something, left behind by a run whose work must not count. */
const scribble =
  ({ random }: Stage, spec?: AgentSpec) =>
  (checkout: Checkout) => {
    if (spec === undefined || spec.role === 'developer')
      checkout.files.set('src/scribble.ts', String(random.between(0, 1e9)))
  }

function workOf(spec: AgentSpec, stage: Stage, ms: number, trouble: Trouble | null): Omit<Act, 'isStubborn'> {
  const { role, prompt } = spec
  const { random } = stage
  const nonce = random.between(0, 1e9)
  const name = `${role} ${trouble ?? 'good work'}`
  const outside = (checkout: Checkout) => {
    if (trouble === 'out-of-scope')
      checkout.files.set(role === 'developer' ? `${prompt.task.folder}01-analysis.md` : 'src/not-mine.ts', `${nonce}`)
  }
  if (role === 'developer')
    return {
      name,
      ms,
      result: completed,
      write(checkout) {
        develop(spec, stage, checkout, trouble, nonce)
        outside(checkout)
      },
    }
  const front = trouble === 'bad-artefact' ? 'nothing: useful' : frontOf(role, trouble === 'own-trouble')
  const verdict = /(?:verdict|test_status): (\S+)/.exec(front)?.[1]
  return {
    name,
    ms,
    result: completed,
    ...(verdict === undefined ? {} : { verdict }),
    write(checkout) {
      if (prompt.artefact !== null) checkout.files.set(prompt.artefact, `---\n${front}\n---\n\nby chance ${nonce}\n`)
      outside(checkout)
    },
  }
}

function frontOf(role: Role, isUnhappy: boolean): string {
  switch (role) {
    case 'analyst':
      return isUnhappy ? 'problem: only' : 'problem: it is wrong\nacceptance_criteria: [it is right]\ntest_plan: [look]'
    case 'reviewer':
      return `verdict: ${isUnhappy ? 'CHANGES_REQUESTED' : 'APPROVED'}\nsummary: seen`
    case 'tester':
      return `test_status: ${isUnhappy ? 'FAIL' : 'PASS'}\nsummary: tried`
    default:
      return 'summary: the simplest thing'
  }
}

/** Code of its own, sometimes a file that others change too, sometimes what the check command will not like. */
function develop(
  spec: AgentSpec,
  { git, random, base }: Stage,
  checkout: Checkout,
  trouble: Trouble | null,
  nonce: number,
): void {
  const { files } = checkout
  if (spec.prompt.notes.some((note) => note.includes('conflict')) && !git.isAncestor(base, checkout.given)) {
    const merged = git.mergeFiles(checkout.given, base)
    if ('files' in merged) files.clear()
    const isTheirs = (path: string) => 'files' in merged || !path.startsWith(spec.prompt.task.folder)
    for (const [path, text] of 'files' in merged ? merged.files : git.get(base).files)
      if (isTheirs(path)) files.set(path, text)
    checkout.merged.push(base)
  }
  if (trouble !== 'own-trouble') repair(files)
  files.set(`src/${spec.prompt.task.key}.ts`, `${nonce}`)
  if (random.chance(0.3)) files.set('src/shared.ts', `${nonce}`)
  const [side, other] = random.pick([
    ['left', 'right'],
    ['right', 'left'],
  ] as const)
  const pair = `pair/${random.between(1, 2)}`
  if (random.chance(0.3) && !files.has(`${pair}/${other}`)) files.set(`${pair}/${side}`, `${nonce}`)
  if (trouble === 'own-trouble') files.set(random.pick(['broken', 'litters', 'ci/config']), `${nonce}`)
}

function repair(files: Map<string, string>): void {
  files.delete('broken')
  files.delete('litters')
  for (const path of [...files.keys()])
    if (path.endsWith('/left') && files.has(path.replace(/left$/, 'right'))) files.delete(path)
}
