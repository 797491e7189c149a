/** One transaction on the rows in memory, with the promises that the SQL schema keeps as errors. */
import { isDeepStrictEqual } from 'node:util'
import { isFinalStage } from '#core/words.ts'
import type { RunRow, RunState, Tx } from '#engine/ports/store.ts'
import { queueFactsOf } from './queue-facts.ts'
import {
  Backstop,
  type Changes,
  type StoredEffect,
  type StoredMessage,
  type StoredTask,
  type Tables,
} from './tables.ts'

const LIVE: readonly RunState[] = ['admitted', 'cancelling']
const isOpen = (state: RunState) => state === 'ready' || LIVE.includes(state)

/** As JSON in the database takes it: no NUL, no half surrogate pairs. Almost always the same object again. */
function storable<T>(value: T): T {
  const text = JSON.stringify(value)
  if (!/\\u0000|\\ud[89a-f]/.test(text)) return value
  return JSON.parse(text, (_, inner) =>
    typeof inner === 'string' ? inner.replaceAll('\u0000', '\uFFFD').toWellFormed() : inner,
  )
}

export function taskPart(
  tables: Tables,
  changes: Changes,
): Pick<
  Tx,
  'lockAdmission' | 'queueFacts' | 'task' | 'insertTask' | 'saveTask' | 'newestTaskOf' | 'setNext' | 'appendLog'
> {
  const save = (row: StoredTask) => {
    const task = storable(row.task)
    const before = tables.tasks.get(task.id)?.task
    if (before && isFinalStage(before.stage) && before.stage !== task.stage)
      throw new Backstop(`task ${task.key} is ${before.stage} for good and cannot become ${task.stage}`)
    if (before && before.stage !== 'queued' && task.stage === 'queued')
      throw new Backstop(`task ${task.key} was let in and cannot be queued again`)
    for (const { task: other } of tables.tasks.values()) {
      if (other.id === task.id) continue
      if (task.window !== null && other.window !== null && other.repo === task.repo)
        throw new Backstop(`one window per repository: ${task.key} and ${other.key}`)
      if (other.key === task.key) throw new Backstop(`there is a task ${task.key} already`)
      const isSameItem = other.project === task.project && other.item.id === task.item.id
      if (isSameItem && !isFinalStage(other.stage) && !isFinalStage(task.stage))
        throw new Backstop(`one open task per item: ${task.key} and ${other.key}`)
    }
    changes.put(tables.tasks, task.id, task === row.task ? row : { ...row, task })
    changes.touch('task')
  }
  return {
    async lockAdmission() {},
    queueFacts: async () => queueFactsOf(tables),
    task: async (id) => tables.tasks.get(id)?.task ?? null,
    async insertTask({ repo, itemKey, round, priority }, initial, at) {
      tables.sequence.task += 1
      const number = (tables.numbers.get(repo) ?? 0) + 1
      changes.put(tables.numbers, repo, number)
      const task = initial(tables.sequence.task, number)
      save({ task, itemKey, round, priority, next: false, createdAt: at, updatedAt: at })
      return task
    },
    async saveTask(task, at) {
      const row = tables.tasks.get(task.id)
      if (row === undefined) return
      save({ ...row, task, updatedAt: at })
      if (task.window !== null && task.window.merge === null && task.window.since === at)
        changes.put(tables.fences, task.repo, (tables.fences.get(task.repo) ?? 0) + 1)
    },
    async newestTaskOf(project, item) {
      const all = [...tables.tasks.values()].filter(({ task }) => task.project === project && task.item.id === item)
      const newest = all.sort((a, b) => b.round - a.round)[0]
      return newest ? { task: newest.task, rounds: newest.round, openedAt: newest.createdAt } : null
    },
    async setNext(id, next, at) {
      const row = tables.tasks.get(id)
      if (row) save({ ...row, next, updatedAt: at })
    },
    async appendLog(task, story, at) {
      changes.append(tables.log, { id: tables.log.length + 1, task, at, story })
      changes.touch('task')
    },
  }
}

export function runPart(
  tables: Tables,
  changes: Changes,
): Pick<Tx, 'run' | 'insertRun' | 'updateRun' | 'sendJob' | 'completeJob' | 'cancelJob'> {
  const save = (row: RunRow) => {
    const before = tables.runs.get(row.id)
    if (before && !isOpen(before.state) && before.state !== row.state)
      throw new Backstop(`run ${row.id} is ${before.state} for good and cannot become ${row.state}`)
    for (const other of tables.openRuns.values()) {
      if (other.id === row.id || other.task !== row.task) continue
      if (LIVE.includes(other.state) && LIVE.includes(row.state))
        throw new Backstop(`one live run per task: ${other.id} and ${row.id}`)
      if (other.state === 'ready' && row.state === 'ready')
        throw new Backstop(`one ready run per task: ${other.id} and ${row.id}`)
    }
    changes.put(tables.runs, row.id, row)
    if (isOpen(row.state)) changes.put(tables.openRuns, row.id, row)
    else changes.drop(tables.openRuns, row.id)
    changes.touch('run')
  }
  return {
    run: async (id) => tables.runs.get(id) ?? null,
    async insertRun(row) {
      if (tables.runs.has(row.id)) throw new Backstop(`there is a run ${row.id} already`)
      const task = tables.tasks.get(row.task)?.task
      if (task === undefined || isFinalStage(task.stage))
        throw new Backstop(`task ${row.task} has ended and starts no run`)
      save(row)
    },
    async updateRun(id, from, change) {
      const row = tables.runs.get(id)
      if (row === undefined || !from.includes(row.state)) return false
      save({ ...row, ...change })
      return true
    },
    async sendJob({ job, id }) {
      if (tables.jobs.has(job)) throw new Backstop(`there is a job ${job} already`)
      changes.put(tables.jobs, job, { id: job, run: id, state: 'created', delivery: 0, heardAt: null })
      changes.touch('run')
    },
    async completeJob({ job, delivery }) {
      const row = tables.jobs.get(job)
      if (row === undefined || row.state !== 'active' || row.delivery !== delivery) return false
      changes.put(tables.jobs, job, { ...row, state: 'completed' })
      return true
    },
    async cancelJob(job) {
      const row = tables.jobs.get(job)
      if (row === undefined || row.state === 'completed' || row.state === 'cancelled') return
      changes.put(tables.jobs, job, { ...row, state: 'cancelled' })
    },
  }
}

export function effectPart(
  tables: Tables,
  changes: Changes,
): Pick<Tx, 'addEffects' | 'dropEffects' | 'claimEffect' | 'releaseEffect' | 'settleEffect' | 'hasLaterStatus'> {
  const save = (row: StoredEffect) => {
    changes.put(tables.effects, row.id, row)
    if (row.state === 'pending' || row.state === 'started') changes.put(tables.openEffects, row.id, row)
    else changes.drop(tables.openEffects, row.id)
    changes.touch('effect')
  }
  return {
    async addEffects(task, effects, at) {
      for (const effect of effects) {
        if (tables.effectKeys.has(effect.key)) continue
        tables.sequence.effect += 1
        const id = tables.sequence.effect
        changes.put(tables.effectKeys, effect.key, id)
        save({
          id,
          task,
          effect,
          state: 'pending',
          tries: 0,
          notBefore: at,
          sentence: null,
          claimedUntil: 0,
          claimedBy: null,
        })
      }
    },
    async dropEffects(task) {
      for (const row of [...tables.openEffects.values()])
        if (row.task === task && row.state === 'pending')
          save({ ...row, state: 'skipped', sentence: 'the task was stopped' })
    },
    async claimEffect({ by, now, until, task }) {
      const heads = new Map<number, StoredEffect>()
      for (const row of tables.openEffects.values())
        if ((heads.get(row.task)?.id ?? Number.POSITIVE_INFINITY) > row.id) heads.set(row.task, row)
      const due = [...heads.values()]
        .filter((row) => row.notBefore <= now && row.claimedUntil <= now && (task === undefined || row.task === task))
        .sort((a, b) => a.id - b.id)[0]
      if (due === undefined) return null
      save({ ...due, state: 'started', tries: due.tries + 1, claimedUntil: until, claimedBy: by })
      return { ...due, state: 'started', sentence: null }
    },
    async releaseEffect(id, by) {
      const row = tables.openEffects.get(id)
      if (row && isDeepStrictEqual(row.claimedBy, by)) save({ ...row, claimedUntil: 0, claimedBy: null })
    },
    async settleEffect({ id, tries }, { state, sentence, notBefore }) {
      const row = tables.effects.get(id)
      if (row?.state !== 'started' || row.tries !== tries + 1) return false
      save({ ...row, state, sentence, notBefore, claimedUntil: 0, claimedBy: null })
      return true
    },
    hasLaterStatus: async ({ id, task }) =>
      [...tables.effects.values()].some((row) => row.task === task && row.id > id && row.effect.type === 'show-status'),
  }
}

export function inboxPart(
  tables: Tables,
  changes: Changes,
): Pick<
  Tx,
  | 'receive'
  | 'inboxMessage'
  | 'settleMessage'
  | 'postponeMessage'
  | 'answerOf'
  | 'settleAnswer'
  | 'cursor'
  | 'setCursor'
  | 'setDeadline'
  | 'clearDeadline'
  | 'breaker'
  | 'setBreaker'
  | 'freezeOf'
  | 'freeze'
> {
  const save = (row: StoredMessage) => {
    changes.put(tables.inbox, row.id, row)
    if (row.appliedAt === null) changes.put(tables.openInbox, row.id, row)
    else changes.drop(tables.openInbox, row.id)
    changes.touch('inbox')
  }
  const known = (source: string, key: string) => tables.inbox.get(tables.inboxKeys.get(`${source}\0${key}`) ?? -1)
  return {
    async receive({ source, key, body }, at) {
      if (known(source, key)) return 'known'
      tables.sequence.inbox += 1
      const id = tables.sequence.inbox
      changes.put(tables.inboxKeys, `${source}\0${key}`, id)
      save({ id, source, key, body, receivedAt: at, tries: 0, notBefore: at, appliedAt: null, outcome: null })
      return 'new'
    },
    inboxMessage: async (id) => tables.openInbox.get(id) ?? null,
    async settleMessage(id, outcome, at) {
      const row = tables.inbox.get(id)
      if (row) save({ ...row, appliedAt: at, outcome })
    },
    async postponeMessage(id, notBefore) {
      const row = tables.inbox.get(id)
      if (row) save({ ...row, notBefore, tries: row.tries + 1 })
    },
    answerOf: async (source, key) => known(source, key)?.outcome ?? null,
    async settleAnswer(source, key, answer, at) {
      const row = known(source, key)
      if (row) save({ ...row, appliedAt: at, outcome: answer })
    },
    cursor: async (name) => tables.cursors.get(name) ?? null,
    setCursor: async (name, value) => changes.put(tables.cursors, name, value),
    setDeadline: async (deadline) =>
      changes.put(tables.deadlines, `${deadline.task}:${deadline.name}:${deadline.visit}`, deadline),
    clearDeadline: async ({ task, name, visit }) => changes.drop(tables.deadlines, `${task}:${name}:${visit}`),
    breaker: async (provider) => tables.breakers.get(provider) ?? null,
    setBreaker: async (provider, breaker) => {
      changes.put(tables.breakers, provider, breaker)
      changes.touch('run')
    },
    freezeOf: async (repo) => tables.freezes.get(repo) ?? null,
    async freeze(repo, by, reason, at) {
      if (!tables.freezes.has(repo)) changes.put(tables.freezes, repo, { repo, by, reason, since: at })
    },
  }
}
