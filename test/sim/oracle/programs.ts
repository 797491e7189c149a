/** What must hold of the process table: one program per task, none that outlives its run, none whose folder is taken. */
import type { Proc } from '../worlds/process-world.ts'
import { type Commit, isOpenRun, LIVE, type OracleEnv, type View } from './view.ts'

/** Grace of a run's end: SIGTERM, 10 s, SIGKILL, and 5 s to see it gone. */
const AFTERLIFE_MS = 15_000
/** From STOP to the last process: the queue's word comes with the next heartbeat, or the fence ends it. */
const STOP_MS = 60_000

export interface ProgramsCheck {
  onStart(proc: Proc): void
  onExit(proc: Proc): void
  onRemove(label: string): void
  afterCommit(commit: Commit): void
}

export function createProgramsCheck({ worlds, witness }: OracleEnv, view: () => View): ProgramsCheck {
  const { scheduler, processes } = worlds
  const judge = scheduler.actor('judge')
  const workOf = (task: string) => processes.alive().filter((proc) => proc.kind !== 'host' && proc.task === task)
  const name = (proc: Proc) =>
    `${proc.kind} ${proc.identity.pid} of ${proc.owner.name}${proc.run === null ? '' : ` (run ${proc.run})`}`
  return {
    onStart(proc) {
      if (proc.kind === 'host') return
      if (proc.run !== null && processes.procs.some((one) => one !== proc && one.run === proc.run))
        witness.violated('a run is worked on once', `${name(proc)} is not the first`)
      const other = workOf(proc.task).find((one) => one !== proc)
      if (other)
        witness.violated('no two programs alive for one task', `${name(other)} and ${name(proc)} work on ${proc.task}`)
      const task = [...view().tasks.values()].find(({ key }) => key === proc.task)
      const runs = [...view().runs.values()].filter((run) => run.task === task?.id && LIVE.includes(run.state))
      const isLive = proc.run === null ? runs.length > 0 : runs.some(({ id }) => id === proc.run)
      if (!isLive) {
        const since = scheduler.now()
        // A worker that has lost its claim may begin one, if it ends it at once.
        scheduler.later(judge, `looks after ${name(proc)}`, AFTERLIFE_MS, () => {
          if (proc.alive)
            witness.violated('no program without a live run', `${name(proc)} began at ${since} and is alive`)
        })
      }
    },
    onExit() {},
    onRemove(label) {
      const proc = processes.alive().find((one) => one.label === label && one.kind !== 'host')
      if (proc)
        witness.violated('no folder is taken from under a program', `${label} is removed while ${name(proc)} is alive`)
    },
    afterCommit({ before, now }) {
      for (const [id, run] of now.runs) {
        const was = before.runs.get(id)
        if (!was || was === run || !isOpenRun(was) || isOpenRun(run)) continue
        const key = now.tasks.get(run.task)?.key ?? ''
        const left = workOf(key).filter((proc) => proc.run === null || proc.run === id)
        if (left.length === 0) continue
        scheduler.later(judge, `looks whether ${id} is gone`, AFTERLIFE_MS, () => {
          for (const proc of left)
            if (proc.alive)
              witness.violated(
                'no program outlives its run',
                `${name(proc)} is alive ${AFTERLIFE_MS} ms after ${id} was ${run.state}`,
              )
        })
      }
      for (const [id, task] of now.tasks) {
        const wasAsked = before.tasks.get(id)?.stop != null
        if (task.stop === null || wasAsked || task.window !== null) continue
        scheduler.later(judge, `looks whether ${task.key} has stopped`, STOP_MS, () => {
          const proc = workOf(task.key)[0]
          if (proc)
            witness.violated('STOP ends the programs', `${name(proc)} is alive ${STOP_MS} ms after STOP of ${task.key}`)
        })
      }
    },
  }
}
