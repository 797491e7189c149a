/** `orch demo`: the main job on embedded defaults, from *To Analyse* to *done*, shown live. */
import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { shownSubject } from '#core/decide/people.ts'
import { UserError } from '#core/errors.ts'
import { exitsOf } from '#core/holds.ts'
import { artefactFolder } from '#core/naming.ts'
import { describeUsage, totalOf } from '#core/usage.ts'
import { ARTEFACTS, type ArtefactName } from '#core/words.ts'
import { create, order } from '#engine/orders.ts'
import type { TaskRow } from '#engine/ports/store.ts'
import { stagesOf } from '../../web/views.ts'
import { type Running, start } from '../compose.ts'
import { dataFolder, prepareDataFolder } from '../data-folder.ts'
import { createLog } from '../log.ts'
import { createPatience } from './patience.ts'
import { type DemoOptions, PERSON, planDemo } from './plan.ts'
import { createShow, type Show } from './show.ts'

export interface DemoShell {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly write: (text: string) => void
  readonly colour: boolean
  readonly now: () => number
  readonly uuid: () => string
  /** Aborted by Ctrl-C and its like. */
  readonly interrupted: AbortSignal
}

/** Runs the demo; resolves with the exit code: 0 only if the task is `done` and the merge commit is in base. */
export async function demo(options: DemoOptions, shell: DemoShell): Promise<number> {
  const env = { ...shell.env, PATH: `${dirname(process.execPath)}:${shell.env.PATH ?? '/usr/bin:/bin'}` }
  const write = options.json ? () => {} : shell.write
  const show = createShow(write, shell.now(), shell.colour && !options.json)
  const plan = await planDemo(options, shell.cwd, env)
  const folder = dataFolder(plan.settings.data_dir)
  await prepareDataFolder(folder, '--data')
  const running = await start({
    settings: () => plan.settings,
    env,
    log: createLog({ to: join(folder.root, 'orch.log'), level: 'info' }),
    person: PERSON,
    withoutSandbox: 'say',
  })
  try {
    introduce(show, running, plan.source)
    const key = await openTask(running, plan, shell, show)
    const row = await watch(running, key, options, shell, show)
    const report = await conclude(running, row)
    const { merge_in_base, ...told } = report
    if (options.json) shell.write(`${JSON.stringify(told)}\n`)
    else summarise(show, row, report)
    if (options.keep && !shell.interrupted.aborted) await stayUp(running, shell, show)
    return report.state === 'done' && merge_in_base ? 0 : 1
  } finally {
    await running.stop()
    show.line('Everything is stopped, the board with it. Run the same command again to go on; --keep leaves it up.')
  }
}

function introduce(show: Show, running: Running, source: string): void {
  show.line(`Orch demo on ${source} (only read).`)
  for (const note of [...running.warnings, ...running.notes]) show.line(`Note: ${note}`)
  show.line(`Board: ${running.loginUrl()}`)
  show.line('')
}

async function openTask(
  running: Running,
  plan: { project: string; title: string; description: string },
  shell: DemoShell,
  show: Show,
): Promise<string> {
  const [unfinished] = await running.store.reads.tasks({ project: plan.project, open: true, limit: 1 })
  if (unfinished !== undefined) {
    show.line(`Going on with ${unfinished.task.key}, which is in ${unfinished.task.stage}.`)
    return unfinished.task.key
  }
  const key = await create(
    running.orch.intake,
    plan.project,
    { title: plan.title, description: plan.description, priority: 0 },
    PERSON,
    shell.uuid(),
  )
  show.line(`You create ${key}: ${plan.title}, and move it to To Analyse.`)
  running.ring()
  return key
}

/** Tells the story as it grows, approves as the person where asked to, and ends with the task or with a hold. */
async function watch(
  running: Running,
  key: string,
  options: DemoOptions,
  shell: DemoShell,
  show: Show,
): Promise<TaskRow> {
  const { reads } = running.store
  const first = await mustRead(running, key)
  let seen = 0
  let isAsked = false
  let broken: string | null = null
  void running.broken.then((sentence) => {
    broken = sentence
  })
  /** The task once it is over, or waits for somebody who is not there; null while it goes on. */
  const look = async (): Promise<TaskRow | null> => {
    const story = (await reads.storySince(seen, 1_000)).filter((entry) => entry.task === first.task.id)
    seen = story.at(-1)?.id ?? seen
    show.story(story)
    const row = await mustRead(running, key)
    const { phase } = row.task
    if (phase.is === 'final' && (await isTold(running, row))) return row
    if (phase.is === 'held' && !options.keep) {
      show.line(`${key} waits for you; ways on: ${exitsOf(phase.reason).join(', ')}.`)
      return row
    }
    if (phase.is === 'waiting' && phase.on === 'approval' && !isAsked) {
      if (options.waitForApproval)
        show.line(
          `${key} waits for your approval, on the board or with:\n  ORCH_SERVER=${running.url} ORCH_TOKEN=$(cat ${running.folder.token}) npx orch task approve ${key}`,
        )
      else await approve(running, row, shell, show)
      isAsked = true
    }
    return null
  }
  const patience = createPatience(shell.now, (sentence) => show.line(`       ${sentence}`))
  for (;;) {
    const changed = nextChange(running, shell.interrupted)
    const row = await patience.attempt(look)
    if (row !== null) return row
    if (broken !== null) throw new UserError(broken)
    if (shell.interrupted.aborted) throw new UserError(`Interrupted; ${key} is kept and goes on with the next start.`)
    await changed
  }
}

/** The last comment and the clean-up are effects: the demo ends when they are out, too. */
async function isTold(running: Running, row: TaskRow): Promise<boolean> {
  const { pending, started } = await running.store.reads.effectCounts(row.task.id)
  return pending + started === 0
}

async function approve(running: Running, row: TaskRow, shell: DemoShell, show: Show): Promise<void> {
  show.line(
    `       The demo acts as the person: it reads ${artefactFolder(row.task.key)}${ARTEFACTS.analysis} and approves it.`,
  )
  const subject = shownSubject(row.task)
  await order(
    running.orch.intake,
    row.task.id,
    PERSON,
    { is: 'approve', ...(subject === null ? {} : { subject }) },
    shell.uuid(),
  )
  running.ring()
}

const LOOK_MS = 1_000

/** Resolves with the next commit, after a second at the latest. */
function nextChange(running: Running, interrupted: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      unsubscribe()
      interrupted.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, LOOK_MS)
    const unsubscribe = running.subscribe(done)
    interrupted.addEventListener('abort', done)
  })
}

async function mustRead(running: Running, key: string): Promise<TaskRow> {
  const row = await running.store.reads.taskByKey(key)
  if (row === null) throw new UserError(`${key} is gone from the store.`)
  return row
}

async function conclude(running: Running, row: TaskRow) {
  const { task } = row
  const { url } = await running.forge.remote(task.repo)
  const repo = url.startsWith('file:') ? fileURLToPath(url) : url
  const base = await running.forge.base(task.repo)
  const merge = task.evidence.merge?.merge ?? null
  const runs = await running.store.reads.runs(task.id)
  return {
    task: task.key,
    state: task.stage,
    repo,
    base,
    merge_commit: merge,
    merge_in_base: merge !== null && (await contains(repo, base, merge)),
    stages: stagesOf(task, runs, task.phase.since).flatMap(({ stage, role, runs: n, ms }) =>
      role === null ? [] : [{ stage, role, runs: n, ms }],
    ),
    usage: totalOf(task.spent),
    board: running.url,
  }
}

/** Read from Git itself, not from what Orch believes. */
const contains = (repo: string, base: string, sha: string): Promise<boolean> =>
  promisify(execFile)('git', ['-C', repo, 'merge-base', '--is-ancestor', sha, `refs/heads/${base}`]).then(
    () => true,
    () => false,
  )

function summarise(show: Show, { task }: TaskRow, report: Awaited<ReturnType<typeof conclude>>): void {
  show.line('')
  show.line(`${task.key} is ${task.stage}.`)
  if (report.merge_commit !== null)
    show.line(
      `  merge commit  ${report.merge_commit} ${report.merge_in_base ? `in ${report.base}` : `NOT in ${report.base}`} of ${report.repo}`,
    )
  const written = (Object.keys(task.evidence.artefacts) as ArtefactName[]).map((name) => ARTEFACTS[name]).sort()
  if (written.length > 0)
    show.line(
      `  artefacts     ${artefactFolder(task.key)}{${written.join(', ')}}; ${ARTEFACTS.deploy} is kept with its run`,
    )
  if (task.evidence.pr)
    show.line(
      `  pull request  #${task.evidence.pr.number} ${task.branch} → ${task.evidence.pr.base}, ${report.merge_commit === null ? task.evidence.pr.state : 'merged'}`,
    )
  show.line(`  usage         ${report.usage.runs} agent runs, ${describeUsage(report.usage.usage)}`)
  show.line(`  board         ${report.board}`)
  show.line('')
}

async function stayUp(running: Running, shell: DemoShell, show: Show): Promise<void> {
  show.line(`The board stays up at ${running.loginUrl()} until you press Ctrl-C.`)
  await Promise.race([
    running.broken,
    new Promise<void>((resolve) => shell.interrupted.addEventListener('abort', () => resolve())),
  ])
}
