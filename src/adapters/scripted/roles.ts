/** What each role does, as a plain program would. */
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Role } from '#core/words.ts'
import type { Prompt } from '#engine/ports/runtime.ts'
import type { Directive } from './directives.ts'
import { isSample, repairSample } from './sample-repair.ts'

export interface Stage {
  /** The checkout. */
  readonly root: string
  readonly directive: Directive | null
  readonly note: (line: string) => void
}

const run = promisify(execFile)

/** Plays the role; returns one sentence about what was done. */
export async function play(role: Role, prompt: Prompt, stage: Stage): Promise<string> {
  switch (role) {
    case 'analyst':
      return analyse(prompt, stage)
    case 'architect':
      return document(
        prompt,
        stage,
        { summary: 'The smallest change that satisfies the analysis; no new dependency.' },
        'One function changes; its callers stay as they are.',
      )
    case 'developer':
      return develop(prompt, stage)
    case 'reviewer':
      return review(prompt, stage)
    case 'tester':
      return test(prompt, stage)
    case 'deployer':
      return document(
        prompt,
        stage,
        {},
        'The deployment is described by Orch in the keys above; a program has nothing to add.',
      )
  }
}

/** JSON values are YAML values; the program thus needs nothing but itself inside its isolation. */
const frontMatter = (keys: object): string =>
  Object.entries(keys)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('')

const BY_A_PROGRAM = 'Written by the scripted runtime: a program, not an intelligence.'

async function document(prompt: Prompt, { root, note }: Stage, front: object, prose: string): Promise<string> {
  if (prompt.artefact === null) return 'nothing to write'
  const path = join(root, prompt.artefact)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `---\n${frontMatter({ task: prompt.task.key, ...front })}---\n\n${prose}\n\n${BY_A_PROGRAM}\n`)
  note(`wrote ${prompt.artefact}`)
  return `wrote ${prompt.artefact}`
}

const analyse = async (prompt: Prompt, stage: Stage): Promise<string> => {
  const sample = await isSample(stage.root)
  return document(
    prompt,
    stage,
    {
      problem: sample ? 'The test suite of the sample repository fails.' : prompt.task.title.slice(0, 300),
      acceptance_criteria: [
        sample
          ? 'All tests of the sample repository pass.'
          : 'One file that names the task is added, and nothing else is touched.',
      ],
      test_plan: [sample ? 'Run `node --test`.' : 'Run the check command of the configuration.'],
    },
    `The work item says: ${JSON.stringify(prompt.task.title.slice(0, 300))}`,
  )
}

async function develop(prompt: Prompt, { root, note }: Stage): Promise<string> {
  if (await isSample(root)) {
    const changed = await repairSample(root, prompt.task.key)
    for (const path of changed) note(`edited ${path}`)
    return changed.length === 0 ? 'nothing was left to repair' : `repaired ${changed.join(', ')}`
  }
  const path = `orch-demo/${prompt.task.key}.md`
  await mkdir(join(root, 'orch-demo'), { recursive: true })
  const rounds = prompt.notes.map((line) => `- ${line.replace(/\s+/g, ' ').slice(0, 300)}\n`).join('')
  await writeFile(join(root, path), `# ${prompt.task.key}\n\n${BY_A_PROGRAM}\n${rounds === '' ? '' : `\n${rounds}`}`)
  note(`wrote ${path}`)
  return `added ${path}`
}

async function review(prompt: Prompt, stage: Stage): Promise<string> {
  const { stdout } = await run('git', ['diff', '--stat', 'refs/remotes/origin/base...HEAD'], { cwd: stage.root })
  const round = (await roundOf(stage.root, prompt.artefact)) + 1
  const asks = stage.directive?.word === 'request-changes' && round <= stage.directive.times
  const summary = asks
    ? `Round ${round}: the work item says that changes must be asked for.`
    : 'The change does what the analysis asks and nothing else.'
  return document(
    prompt,
    stage,
    { verdict: asks ? 'CHANGES_REQUESTED' : 'APPROVED', summary, round },
    `What was looked at:\n\n${stdout.trimEnd().replace(/^(?=.)/gm, '    ')}`,
  )
}

async function roundOf(root: string, artefact: string | null): Promise<number> {
  const before = artefact === null ? '' : await readFile(join(root, artefact), 'utf8').catch(() => '')
  return Number(/^round: ([0-9]+)$/m.exec(before)?.[1] ?? 0)
}

async function test(prompt: Prompt, stage: Stage): Promise<string> {
  const round = (await roundOf(stage.root, prompt.artefact)) + 1
  const fails = stage.directive?.word === 'report-fail' && round <= stage.directive.times
  const ran = (await isSample(stage.root))
    ? await runTests(stage.root)
    : { ok: true, sentence: 'There is nothing that a program could try here; the check command decides.' }
  return document(
    prompt,
    stage,
    {
      test_status: ran.ok && !fails ? 'PASS' : 'FAIL',
      summary: fails ? `Round ${round}: the work item says that the tests must fail.` : ran.sentence,
      round,
    },
    ran.sentence,
  )
}

async function runTests(root: string): Promise<{ ok: boolean; sentence: string }> {
  try {
    const { stdout } = await run(process.execPath, ['--test'], {
      cwd: root,
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' },
    })
    return {
      ok: true,
      sentence: `All tests pass (${/^# pass ([0-9]+)$|^ℹ pass ([0-9]+)$/m.exec(stdout)?.slice(1).find(Boolean) ?? 'some'} of them).`,
    }
  } catch {
    return { ok: false, sentence: '`node --test` fails.' }
  }
}
