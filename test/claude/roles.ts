/** Six roles played through the agent's own tools, in Orch's sample repository: what a model would do there, briefly. */
import { ARTEFACTS, ROLES, type Role } from '../../src/core/words.ts'
import type { Call, Conversation } from './conversation.ts'
import { type Answer, bash, calls, says, type Tokens } from './messages.ts'
import type { Script } from './model-server.ts'

export interface Part {
  readonly role: Role
  readonly key: string
}

/** Whose conversation it is, by the first words of our prompt; null for any other. */
export function partOf({ told, system }: Pick<Conversation, 'told' | 'system'>): Part | null {
  const match = /You are the ([a-z]+) of task ([A-Z][A-Z0-9]*-[0-9]+)/.exec([...told, system].join('\n'))
  const role = ROLES.find((known) => known === match?.[1])
  return role === undefined ? null : { role, key: match?.[2] ?? '' }
}

/** One step after another; the number of finished calls says which is next, so a call that failed ends it. */
type Step = (stage: Stage) => Answer
interface Stage extends Part {
  readonly conversation: Conversation
  /** Result of the last finished call. */
  readonly last: string
  readonly path: (relative: string) => string
  readonly folder: string
}

export interface RolesOptions {
  /** A question that the role asks once it has looked around, until what it was told holds the answer. */
  readonly question?: { readonly role: Role; readonly text: string; readonly isAnswered: (told: string) => boolean }
  /** Tokens of every answer; may depend on the role. */
  readonly tokens?: (part: Part) => Tokens
}

export const createRoles =
  ({ question, tokens }: RolesOptions = {}): Script =>
  (conversation) => {
    const part = partOf(conversation)
    if (part === null) return says('Nobody told me who I am.')
    const answer = next(part, conversation, question)
    return tokens && answer.is === 'message' ? { ...answer, tokens: tokens(part) } : answer
  }

function next(part: Part, conversation: Conversation, question: RolesOptions['question']): Answer {
  const { calls: done, cwd, told } = conversation
  const failed = done.find((call) => call.isError && !isTests(call))
  if (failed !== undefined) return says(`${failed.name} failed: ${failed.result.slice(0, 300)}`)
  const asks = question?.role === part.role && done.length === 1 && !question.isAnswered(told.join('\n'))
  if (asks) return says(`I have looked around.\nQUESTION: ${question.text}`)
  const step = PLAYS[part.role][done.length]
  const stage = {
    ...part,
    conversation,
    last: done.at(-1)?.result ?? '',
    path: (relative: string) => `${cwd}/${relative}`,
    folder: `docs/tasks/${part.key}`,
  }
  return step === undefined ? says(`The ${part.role}'s work on ${part.key} is done.`) : step(stage)
}

/** Tests may fail: what that means is the role's own judgement. */
const isTests = (call: Call): boolean => call.name === 'Bash' && String(call.input.command).includes('node --test')

const write = ({ path }: Stage, file: string, front: object, prose: string): Answer => {
  const keys = Object.entries(front).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
  return calls('Write', { file_path: path(file), content: `---\n${keys.join('')}---\n\n${prose}\n` })
}

const WRONG = ".replace(' ', '-')"
const RIGHT = ".replace(/[^a-z0-9]+/g, '-')\n    .replace(/^-|-$/g, '')"

const PLAYS: Readonly<Record<Role, readonly Step[]>> = {
  analyst: [
    // It looks around where it has no business, too: whatever it finds there is told to the model, and a test would see it.
    () =>
      bash(
        "env; cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'; git log --oneline; ls; node --test 2>&1 | tail -40",
      ),
    (stage) =>
      write(
        stage,
        `${stage.folder}/${ARTEFACTS.analysis}`,
        {
          task: stage.key,
          problem: 'Slugs keep blanks after the first one, and signs.',
          acceptance_criteria: ['Every test of the repository passes.'],
          test_plan: ['Run `node --test`.'],
        },
        'Only the first blank is replaced, and signs are left in place.',
      ),
  ],
  architect: [
    ({ path }) => calls('Read', { file_path: path('src/slug.js') }),
    (stage) =>
      write(
        stage,
        `${stage.folder}/${ARTEFACTS.architecture}`,
        { task: stage.key, summary: 'One regular expression in one function; no dependency.' },
        'Its callers stay as they are.',
      ),
  ],
  developer: [
    ({ path }) => calls('Read', { file_path: path('src/slug.js') }),
    ({ path, last }) =>
      last.includes(WRONG)
        ? calls('Edit', { file_path: path('src/slug.js'), old_string: WRONG, new_string: RIGHT })
        : bash('git status --short'),
    ({ path }) => calls('Read', { file_path: path('CHANGELOG.md') }),
    ({ path, key, last }) =>
      last.includes(key)
        ? bash('git status --short')
        : calls('Write', {
            file_path: path('CHANGELOG.md'),
            content: `# Changelog\n\n- ${key}: slugs keep no blanks, signs or dashes at their ends.\n`,
          }),
    () => bash('node --test'),
  ],
  reviewer: [
    () => bash('git diff refs/remotes/origin/base...HEAD -- src test CHANGELOG.md'),
    (stage) =>
      write(
        stage,
        `${stage.folder}/${ARTEFACTS.review}`,
        stage.last.includes('[^a-z0-9]+')
          ? { task: stage.key, verdict: 'APPROVED', summary: 'It does what the analysis asks and nothing else.' }
          : { task: stage.key, verdict: 'CHANGES_REQUESTED', summary: 'The repair is not in the change.' },
        'The diff was read.',
      ),
  ],
  tester: [
    () => bash('node --test'),
    (stage) => {
      const passed = stage.conversation.calls.at(-1)?.isError === false
      return write(
        stage,
        `${stage.folder}/${ARTEFACTS.test}`,
        {
          task: stage.key,
          test_status: passed ? 'PASS' : 'FAIL',
          summary: passed ? 'Every test passes.' : '`node --test` fails.',
        },
        'Run as the test plan says.',
      )
    },
  ],
  deployer: [
    () => bash('git log --oneline | head -3'),
    (stage) => {
      const text = stage.conversation.told.join('\n')
      const owed = /docs\/tasks\/[A-Z0-9-]+\/1[4-6]-[a-z-]+\.md/.exec(text)?.[0]
      return owed === undefined
        ? says('Nothing is owed.')
        : write(stage, owed, { task: stage.key }, 'Nothing has to be moved but the commit itself.')
    },
  ],
}
