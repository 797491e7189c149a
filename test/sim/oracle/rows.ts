/** What must hold of the rows after every commit, whatever led to them. */
import type { BudgetName } from '#core/model.ts'
import type { RunRow } from '#engine/ports/store.ts'
import { isLeft } from './effects.ts'
import { type Commit, isBeingStopped, isOpenRun, isOver, LIVE, type OracleEnv, type View } from './view.ts'

export function checkRows(env: OracleEnv, commit: Commit): void {
  checkTasks(env, commit)
  checkRuns(env, commit)
  checkLanes(env, commit.now)
  checkCaps(env, commit.now)
}

function checkTasks({ plan, witness, sometimes }: OracleEnv, { before, now }: Commit): void {
  for (const [id, was] of before.tasks)
    if (!now.tasks.has(id)) witness.violated('conservation', `task ${was.key} is gone`)
  for (const [id, task] of now.tasks) {
    const was = before.tasks.get(id)
    if (was === task) continue
    if (was && isOver(was) && was.stage !== task.stage)
      witness.violated('terminal is terminal', `${task.key} was ${was.stage} and is ${task.stage}`)
    if (isOver(task) !== (task.phase.is === 'final'))
      witness.violated('a stage and its phase', `${task.key} is ${task.stage} and ${task.phase.is}`)
    if ((task.phase.is === 'held' || task.phase.is === 'waiting') && task.phase.sentence.trim() === '')
      witness.violated('every wait says why', `${task.key} is ${task.phase.is} without a sentence`)
    if (isOver(task) && (task.lane || task.window !== null))
      witness.violated(
        'an ended task keeps nothing',
        `${task.key} keeps lane ${task.lane}, window ${task.window !== null}`,
      )
    if (task.evidence.merge !== undefined && task.stage !== 'deploy' && !isOver(task))
      witness.violated('new work is not merged yet', `${task.key} is in ${task.stage} with a merge of its own`)
    if (task.window !== null && task.stage !== 'deploy')
      witness.violated('the window is at deploy', `${task.key} has a window in ${task.stage}`)
    if (task.stop !== null && task.window === null && !isOver(task) && !isBeingStopped(task))
      witness.violated(
        'STOP ends everything',
        `${task.key} is to be stopped, has no window and goes on (${task.phase.is})`,
      )
    const { limits } = plan.projects.find((one) => one.id === task.project)?.policy ?? { limits: null }
    for (const name of Object.keys(task.used) as BudgetName[])
      if (limits !== null && task.used[name] > limits[name] + task.granted[name])
        witness.violated('bounded budgets', `${task.key} used ${task.used[name]} ${name}`)
    if (was && was.window === null && task.window !== null && task.stop !== null)
      witness.violated('no window after STOP', `${task.key} opens its window after STOP`)
    if (was?.stop === null && task.stop !== null && was.window !== null && isBeingStopped(task))
      witness.violated('STOP waits for the end of the window', `${task.key} is in its window and is being stopped`)
    if (was?.stop === null && task.stop !== null && task.window === null) {
      const left = [...now.effects.values()].find(
        (row) => row.task === id && row.state === 'pending' && before.effects.has(row.id) && !isLeft(row),
      )
      if (left) witness.violated('STOP drops what was not sent', `${left.effect.key} waits, and ${task.key} is stopped`)
    }
    if (task.stop !== null && was?.stop === null)
      sometimes.saw(
        task.window !== null
          ? 'stop: recorded inside the window'
          : was.stage === 'queued'
            ? 'stop: of a queued task'
            : was.phase.is === 'running'
              ? 'stop: while a run was working'
              : 'stop: while waiting or held',
      )
  }
}

function checkRuns({ witness, sometimes }: OracleEnv, { before, now }: Commit): void {
  const open = new Map<number, RunRow[]>()
  for (const [id, run] of now.runs) {
    const was = before.runs.get(id)
    if (was && !isOpenRun(was) && (was.state !== run.state || was.endedAt !== run.endedAt))
      witness.violated('an ended run stays ended', `${id} was ${was.state} and is ${run.state}`)
    if (!isOpenRun(run) && now.runsWithOpenJobs.has(id) && was !== undefined && isOpenRun(was))
      witness.violated('a run ends with its job', `${id} is ${run.state}, and the queue goes on with its job`)
    if (run.state === 'cancelled' && was?.state === 'cancelling') sometimes.saw('run: cancelled while working')
    if (isOpenRun(run)) open.set(run.task, [...(open.get(run.task) ?? []), run])
  }
  for (const [id, runs] of open) {
    const task = now.tasks.get(id)
    if (task === undefined) continue
    const live = runs.filter(({ state }) => LIVE.includes(state))
    if (live.length > 1) witness.violated('one live run per task', `${task.key}: ${live.map(({ id: run }) => run)}`)
    if (runs.length - live.length > 1) witness.violated('one ready run per task', task.key)
    const spoken = 'run' in task.phase ? task.phase.run : null
    for (const run of runs)
      if (run.state !== 'cancelling' && run.id !== spoken)
        witness.violated(
          'a run belongs to its task',
          `${run.id} is ${run.state}, and ${task.key} is ${task.phase.is} ${spoken}`,
        )
    if (isOver(task)) witness.violated('an ended task has no runs', `${task.key} has ${runs.map((run) => run.id)}`)
  }
  for (const task of now.tasks.values()) {
    if (task.phase.is !== 'ready' && task.phase.is !== 'running') continue
    const run = now.runs.get(task.phase.run)
    const fits = run && (run.state === 'admitted' || (run.state === 'ready' && task.phase.is === 'ready'))
    if (!fits)
      witness.violated(
        'a task believes in its run',
        `${task.key} is ${task.phase.is} ${task.phase.run}, which is ${run?.state}`,
      )
  }
}

/** With the serial gate on, one let-in task per repository; and always one window. */
function checkLanes({ plan, witness, sometimes }: OracleEnv, { tasks }: View): void {
  const lanes = new Map<string, string>()
  const windows = new Map<string, string>()
  for (const task of tasks.values()) {
    if (isOver(task)) continue
    if (task.window !== null) {
      if (windows.has(task.repo))
        witness.violated('one window per repository', `${windows.get(task.repo)}, ${task.key}`)
      windows.set(task.repo, task.key)
    }
    if (!plan.schedule.serialGate(task.repo) || task.stage === 'queued') continue
    if (lanes.has(task.repo)) witness.violated('one let-in task per repository', `${lanes.get(task.repo)}, ${task.key}`)
    lanes.set(task.repo, task.key)
  }
  for (const task of tasks.values())
    if (task.stage === 'queued' && lanes.has(task.repo)) sometimes.saw('gate: task waited for the lane')
}

function checkCaps({ plan, witness, sometimes }: OracleEnv, { runs }: View): void {
  const { total, perRole, perProject } = plan.schedule.caps
  const live = [...runs.values()].filter(({ state }) => LIVE.includes(state))
  if (live.length > total) witness.violated('caps', `${live.length} runs are live, ${total} are allowed`)
  for (const [role, cap] of Object.entries(perRole))
    if (live.filter((run) => run.role === role).length > cap)
      witness.violated('caps', `more than ${cap} of role ${role}`)
  for (const [project, cap] of Object.entries(perProject))
    if (live.filter((run) => run.project === project).length > cap)
      witness.violated('caps', `more than ${cap} in ${project}`)
  if (live.length === total && [...runs.values()].some(({ state }) => state === 'ready'))
    sometimes.saw('gate: admission waited for a slot')
}
