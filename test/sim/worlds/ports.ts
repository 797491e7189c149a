/** The ports of the engine over the shared worlds, for one life of a host. */
import { TransientError, UserError } from '#core/errors.ts'
import type { World } from '#engine/orch.ts'
import type { Forge, MergeAnswer } from '#engine/ports/forge.ts'
import type { Queue, Reads, Store } from '#engine/ports/store.ts'
import type { Tracker } from '#engine/ports/tracker.ts'
import type { Log } from '#engine/ports/world.ts'
import type { Random } from '../random.ts'
import type { Actor, Scheduler } from '../scheduler.ts'
import type { StoreWorld } from '../store-world.ts'
import type { Checkouts } from './checkouts.ts'
import { processesPort } from './commands.ts'
import { type ForgeWorld, ORCH } from './forge-world.ts'
import type { Git } from './git.ts'
import type { Outside } from './outside.ts'
import type { Proc, ProcessWorld } from './process-world.ts'
import { repositoriesPort, workspacesPort } from './repositories.ts'
import { bot, type TrackerWorld } from './tracker-world.ts'

export interface Worlds {
  readonly scheduler: Scheduler
  readonly git: Git
  readonly forge: ForgeWorld
  readonly tracker: TrackerWorld
  readonly processes: ProcessWorld
  readonly checkouts: Checkouts
  readonly storeWorld: StoreWorld
}

/** What the oracle wants to hear the moment it happens, before the call has its effect. */
export interface Listener {
  onMergeCall(repo: string, number: number, head: string): void
  /** The forge gave no clear answer to a merge of this head. */
  onUnclearMerge(head: string): void
  onOutsideWrite(what: string, key: string): void
  /** The other side asked to be left alone until then. */
  onAskedToWait(key: string, ms: number): void
  onLog(level: string, fields: object, message: string): void
}

export interface Life {
  readonly actor: Actor
  readonly self: Proc
  readonly outside: Outside
  readonly random: Random
}

export function portsOf(worlds: Worlds, life: Life, listener: Listener): World {
  const { scheduler } = worlds
  const { actor } = life
  let ids = 0
  return {
    store: storePort(worlds.storeWorld, life.outside),
    queue: queuePort(worlds, life.outside),
    tracker: trackerPort(worlds, life.outside, listener),
    forge: forgePort(worlds, life, listener),
    repositories: repositoriesPort(worlds, life.outside, listener),
    workspaces: workspacesPort(worlds, life.outside),
    processes: processesPort(worlds, life),
    runLogs: {
      open: () => ({ append: () => {}, raw: () => {}, close: () => life.outside.local('log.close', () => {}) }),
      read: async () => null,
    },
    clock: {
      now: () => scheduler.now(),
      sleep: (ms, signal) => scheduler.sleep(actor, 'sleep', ms, signal),
    },
    ids: {
      uuid: () => {
        ids += 1
        return `${life.self.identity.pid.toString(16).padStart(8, '0')}-0000-4000-8000-${String(ids).padStart(12, '0')}`
      },
    },
    log: logPort(listener),
  }
}

function storePort({ store }: StoreWorld, outside: Outside): Store {
  const names = Object.keys(store.reads) as (keyof Reads)[]
  const reads = Object.fromEntries(
    names.map((name) => {
      const read = store.reads[name] as (...args: unknown[]) => Promise<unknown>
      return [name, (...args: unknown[]) => outside.storeRead(`store.${name}`, () => read(...args))]
    }),
  ) as unknown as Reads
  return { reads, transaction: (work) => outside.storeWrite('store.transaction', () => store.transaction(work)) }
}

/** Delivering is driven from outside; what is left of the port is the worker's own touch. */
function queuePort({ storeWorld, scheduler }: Worlds, outside: Outside): Queue {
  const driven = async () => {
    throw new Error('the simulation delivers by itself')
  }
  return {
    work: driven,
    stop: driven,
    touch: (claim) => outside.storeWrite(`touch ${claim.run}`, () => storeWorld.jobs.touch(claim, scheduler.now())),
  }
}

function trackerPort({ tracker }: Worlds, { read, write }: Outside, listener: Listener): Tracker {
  return {
    changes: (project, cursor) => read('tracker.changes', () => tracker.changes(project, cursor, 50)),
    read: (_, id) =>
      read('tracker.read', () => {
        const item = tracker.item(id)
        return item === null ? null : tracker.shown(item)
      }),
    comments: (_, id) => read('tracker.comments', () => tracker.comments(id)),
    create: (project, draft) => write('tracker.create', () => tracker.shown(tracker.create(project, draft))),
    moveAs: (_, id, status, by) =>
      write(`tracker.moveAs ${status}`, () => tracker.move(id, status, { id: by, name: by, isBot: false })),
    async show(_, id, status) {
      listener.onOutsideWrite('show', status)
      await write(`tracker.show ${status}`, () => {
        if (tracker.item(id)?.status !== status) tracker.move(id, status, bot('stream'))
      })
    },
    async ensureComment(_, id, comment) {
      listener.onOutsideWrite('comment', comment.key)
      try {
        return await write(`tracker.comment ${comment.key}`, () => tracker.ensureComment(id, comment))
      } catch (thrown) {
        if (thrown instanceof TransientError && thrown.retryAfterMs !== undefined)
          listener.onAskedToWait(comment.key, thrown.retryAfterMs)
        throw thrown
      }
    },
  }
}

function forgePort({ forge, git }: Worlds, { outside, random }: Life, listener: Listener): Forge {
  const { read, write } = outside
  return {
    remote: async (repo) => ({ url: `sim:${repo}`, env: {} }),
    base: () => read('forge.base', () => forge.base),
    pullRequest: (repo, number) => read(`forge.pull #${number}`, () => forge.pull(repo, number)),
    pullRequests: (repo) => read('forge.pulls', () => forge.pulls(repo)),
    branch: (repo, branch) => read('forge.branch', () => forge.tip(repo, branch)),
    contexts: (_, sha) =>
      read('forge.contexts', () => ({ build: git.get(sha).files.has('broken') ? 'failure' : 'success' }) as const),
    async ensurePullRequest(repo, draft) {
      listener.onOutsideWrite('ensure-pr', draft.marker)
      return write('forge.ensurePullRequest', () => forge.ensurePull(repo, draft.head, draft, ORCH))
    },
    async merge(repo, number, pin) {
      listener.onMergeCall(repo, number, pin.head)
      const label = `forge.merge #${number} at ${pin.head.slice(0, 7)}`
      try {
        const merge = (isLate: boolean): MergeAnswer => forge.merge(repo, number, pin, ORCH, isLate)
        return await write(label, merge, 'merge')
      } catch (thrown) {
        listener.onUnclearMerge(pin.head)
        // Some adapters know that they do not know; others only throw.
        if (!(thrown instanceof TransientError) || random.chance(0.4)) throw thrown
        return { is: random.chance(0.7) ? 'unknown' : 'later', sentence: thrown.message }
      }
    },
    async closePullRequest(repo, number) {
      listener.onOutsideWrite('close-pr', String(number))
      return write(`forge.close #${number}`, () => forge.closePull(repo, number, ORCH))
    },
    async deleteBranch(repo, branch, expected) {
      if (branch === forge.base) throw new UserError('the base branch is never deleted')
      return write(`forge.delete ${branch}`, (isLate) => forge.deleteBranch(repo, branch, expected, ORCH, isLate))
    },
  }
}

const logPort = (listener: Listener): Log => {
  const at = (level: string) => (fields: object, message: string) => listener.onLog(level, fields, message)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
