/** The oracle: listens to the worlds, looks at the store after every commit, and knows when all has come to rest. */
import { TransientError, UserError } from '#core/errors.ts'
import type { Task } from '#core/model.ts'
import type { LoggedStory } from '#engine/ports/store.ts'
import type { Listener } from '../worlds/ports.ts'
import { createAgentsCheck } from './agents.ts'
import { createEffectsCheck } from './effects.ts'
import { createForgeCheck, type ForgeCheck } from './forge-check.ts'
import { checkTurns, createIntakeCheck, createOrdersCheck } from './intake.ts'
import { createProgramsCheck, type ProgramsCheck } from './programs.ts'
import { checkRows } from './rows.ts'
import { createStoryCheck } from './story.ts'
import { type Commit, EMPTY, type OracleEnv, type View } from './view.ts'

export interface Oracle {
  readonly view: View
  readonly listener: Listener
  readonly forge: ForgeCheck
  readonly programs: ProgramsCheck
  /** Reads what was committed in this step and judges it. */
  look(): Promise<void>
}

export function createOracle(env: OracleEnv): Oracle {
  const { worlds, witness, sometimes } = env
  const { ledger } = worlds.storeWorld
  let view: View = EMPTY
  let told = 0
  const checkStory = createStoryCheck(env)
  const checkAgents = createAgentsCheck(env)
  const checkEffects = createEffectsCheck(env)
  const forge = createForgeCheck(env, () => view)
  const programs = createProgramsCheck(env, () => view)
  const intake = createIntakeCheck(env)
  const checkOrders = createOrdersCheck(env)
  const notBefore = new Map<string, number>()
  /** Effects whose failure was written down; a host that dies before that has heard no wish. */
  const heeded = new Set<string>()
  const unclear = new Set<string>()

  const listener: Listener = {
    onMergeCall: forge.onMergeCall,
    onUnclearMerge: (head) => void unclear.add(head),
    onOutsideWrite(what, key) {
      const now = worlds.scheduler.now()
      if (what === 'comment' && heeded.has(key) && now < (notBefore.get(key) ?? 0))
        witness.violated(
          'Retry-After is kept',
          `the comment ${key} is tried ${(notBefore.get(key) ?? 0) - now} ms early`,
        )
    },
    onAskedToWait(key, ms) {
      notBefore.set(key, worlds.scheduler.now() + ms)
      heeded.delete(key)
    },
    onLog(_, fields, message) {
      const { error } = fields as { error?: unknown }
      if (error instanceof Error && !(error instanceof TransientError) && !(error instanceof UserError))
        witness.violated('no unexpected error', `${message}: ${error.stack?.split('\n').slice(0, 3).join(' ')}`)
      if (message === 'a late result was refused') sometimes.saw('run: late result refused')
    },
  }
  return {
    get view() {
      return view
    },
    listener,
    forge,
    programs,
    async look() {
      const [tasks, runs, effects] = [await ledger.tasks(), await ledger.runs(), await ledger.effects()]
      const story: readonly LoggedStory[] = await ledger.storySince(told)
      told = story.at(-1)?.id ?? told
      const now: View = {
        tasks: new Map(tasks.map(({ task }) => [task.id, task])),
        runs: new Map(runs.map((run) => [run.id, run])),
        effects: new Map(effects.map((row) => [row.id, row])),
        messages: await ledger.openMessages(),
        runsWithOpenJobs: await ledger.runsWithOpenJobs(),
      }
      for (const entry of story) env.note(lineOf(now.tasks.get(entry.task)?.key ?? '?', entry))
      for (const row of effects)
        if (row.state === 'pending' && view.effects.get(row.id)?.state === 'started') heeded.add(row.effect.key)
      const commit: Commit = { before: view, now, story }
      checkRows(env, commit)
      checkEffects(commit)
      checkStory(commit)
      checkAgents(commit, await worlds.storeWorld.store.reads.breakers())
      intake(commit)
      checkOrders(commit)
      checkTurns(env, commit)
      for (const { task, story: one } of story)
        if (one.is === 'event' && one.event.type === 'rework') forge.onRework(now.tasks.get(task) as Task)
      for (const { story: one } of story)
        if (one.is === 'event' && one.event.type === 'run-finished' && unclear.has(one.event.facts.merge?.head ?? ''))
          sometimes.saw('merge: answer was ambiguous and the merge was found in Git')
      view = now
      forge.afterCommit(commit)
      programs.afterCommit(commit)
    },
  }
}

/** One log entry as a reader of the trace wants it. */
function lineOf(key: string, { story }: LoggedStory): string {
  switch (story.is) {
    case 'event':
      return `${key}: ${story.event.type}${'run' in story.event ? ` ${story.event.run}` : ''}${'by' in story.event ? ` by ${story.event.by}` : ''}`
    case 'moved':
      return `${key}: ${story.from} → ${story.to}: ${story.why}`
    case 'held':
      return `${key}: held for ${story.reason}: ${story.sentence}`
    case 'verdict':
      return `${key}: ${story.gate} ${story.verdict}: ${story.sentence}`
    case 'note':
      return `${key}: ${story.sentence}`
    case 'effect':
      return `${key}: ${story.effect.type} ${story.effect.key}: ${story.outcome}`
  }
}
