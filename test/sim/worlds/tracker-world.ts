/** The tracker as it is: items, comments, and a feed of changes that may tell them late, twice and out of order. */
import { UserError } from '#core/errors.ts'
import type { Millis, TrackerStatus, Voice } from '#core/words.ts'
import type { Person, TrackerChange, TrackerComment, WorkItem } from '#engine/ports/tracker.ts'

export interface Item {
  readonly id: string
  readonly key: string
  readonly project: string
  title: string
  description: string
  status: TrackerStatus | null
  priority: number
  statusSince: Millis
  statusBy: Person
}

/** One of Orch's own comments, as it was first posted. */
export interface Posted {
  readonly key: string
  readonly item: string
  readonly voice: Voice
  readonly text: string
  readonly at: Millis
}

export interface Move {
  readonly item: string
  readonly to: TrackerStatus | null
  readonly by: Person
  readonly at: Millis
}

export interface TrackerWorld {
  readonly items: readonly Item[]
  readonly posted: ReadonlyMap<string, Posted>
  readonly moves: readonly Move[]
  item(id: string): Item | null
  shown(item: Item): WorkItem
  changes(project: string, cursor: string | null, limit: number): { changes: TrackerChange[]; cursor: string | null }
  comments(item: string): readonly TrackerComment[]
  create(project: string, draft: { title: string; description: string; priority: number; requestId: string }): Item
  move(item: string, to: TrackerStatus | null, by: Person): void
  edit(item: string, change: { title?: string; description?: string }, by: Person): void
  comment(item: string, by: Person, text: string): TrackerComment
  ensureComment(item: string, comment: { key: string; voice: Voice; text: string }): 'created' | 'existed'
  /** Is everything that happened in the feed by now? */
  isFedBy(at: Millis): boolean
}

export interface TrackerEnv {
  readonly now: () => Millis
  /** How the feed tells one change: how late, and how late again where it is told twice. */
  readonly fate: () => { readonly lateMs: Millis; readonly againMs: Millis | null }
  /** Something may be read now. */
  readonly onFeed: () => void
  readonly wait: (ms: Millis, act: () => void) => void
}

export const bot = (voice: Voice): Person => ({ id: `bot-${voice}`, name: `Orch ${voice}`, isBot: true })

export function createTrackerWorld(prefixes: ReadonlyMap<string, string>, env: TrackerEnv): TrackerWorld {
  const { now, fate, onFeed, wait } = env
  const items: Item[] = []
  const byRequest = new Map<string, Item>()
  const feeds = new Map([...prefixes.keys()].map((project) => [project, [] as TrackerChange[]]))
  const comments = new Map<string, TrackerComment[]>()
  const posted = new Map<string, Posted>()
  const moves: Move[] = []
  let changes = 0
  let lastDue: Millis = 0

  const find = (id: string): Item => {
    const item = items.find((one) => one.id === id)
    if (item === undefined) throw new UserError(`There is no work item ${id}.`)
    return item
  }
  type Untold<T> = T extends unknown ? Omit<T, 'id' | 'at' | 'item'> : never
  const tell = (item: Item, change: Untold<TrackerChange>) => {
    changes += 1
    const told = { ...change, id: `c${changes}`, item: item.id, at: now() } as TrackerChange
    const feed = feeds.get(item.project) as TrackerChange[]
    const { lateMs, againMs } = fate()
    for (const delay of againMs === null ? [lateMs] : [lateMs, againMs]) {
      lastDue = Math.max(lastDue, now() + delay)
      const add = () => {
        feed.push(told)
        onFeed()
      }
      if (delay === 0) add()
      else wait(delay, add)
    }
  }
  const world: TrackerWorld = {
    items,
    posted,
    moves,
    item: (id) => items.find((one) => one.id === id) ?? null,
    shown: ({ id, key, title, description, status, priority, statusSince, statusBy }) => {
      return { id, key, title, description, status, priority, url: null, statusSince, statusBy }
    },
    changes(project, cursor, limit) {
      const feed = feeds.get(project) ?? []
      const from = cursor === null ? 0 : Number(cursor)
      const told = feed.slice(from, from + limit)
      return { changes: told, cursor: told.length === 0 ? cursor : String(from + told.length) }
    },
    comments: (item) => comments.get(find(item).id) ?? [],
    create(project, { requestId, title, description, priority }) {
      const known = byRequest.get(requestId)
      if (known !== undefined) return known
      const number = items.filter((one) => one.project === project).length + 1
      const key = `${prefixes.get(project)}-${number}`
      const nobody = { id: 'nobody', name: 'nobody', isBot: false }
      const item: Item = {
        id: `i-${key}`,
        key,
        project,
        title,
        description,
        priority,
        status: null,
        statusSince: now(),
        statusBy: nobody,
      }
      items.push(item)
      byRequest.set(requestId, item)
      return item
    },
    move(id, to, by) {
      const item = find(id)
      Object.assign(item, { status: to, statusSince: now(), statusBy: by })
      moves.push({ item: id, to, by, at: now() })
      tell(item, { is: 'moved', to, by })
    },
    edit(id, change, by) {
      const item = find(id)
      Object.assign(item, change)
      tell(item, { is: 'edited', by })
    },
    comment(id, by, text) {
      const item = find(id)
      const list = comments.get(id) ?? []
      const comment: TrackerComment = { id: `${id}-${list.length + 1}`, at: now(), by, text }
      comments.set(id, [...list, comment])
      tell(item, { is: 'commented', comment })
      return comment
    },
    ensureComment(id, { key, voice, text }) {
      if (posted.has(key)) return 'existed'
      posted.set(key, { key, item: id, voice, text, at: now() })
      world.comment(id, bot(voice), text)
      return 'created'
    },
    isFedBy: (at) => lastDue <= at,
  }
  return world
}
