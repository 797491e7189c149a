/**
 * The tracker holds work items and is where people speak. It is never our state: we read what people did there and
 * show what a task does. Verbs are idempotent; no provider's word appears here.
 */
import type { Millis, TrackerStatus, Voice } from '#core/words.ts'

export interface Person {
  readonly id: string
  readonly name: string
  /** One of our own voices: its changes never start or steer work. */
  readonly isBot: boolean
}

export interface WorkItem {
  readonly id: string
  /** Readable and unique in the project, safe in branch and folder names: `[A-Z][A-Z0-9]*-[0-9]+`. */
  readonly key: string
  readonly title: string
  readonly description: string
  /** null for a status of the tracker's that is not mapped to one of ours. */
  readonly status: TrackerStatus | null
  /** 0 (none) to 4 (urgent). */
  readonly priority: number
  readonly url: string | null
  /** Last move to its present status, and who made it. */
  readonly statusSince: Millis
  readonly statusBy: Person
}

export interface TrackerComment {
  readonly id: string
  readonly at: Millis
  readonly by: Person
  readonly text: string
}

/** One thing that happened to a work item. `id` is the same however often it is told. */
export type TrackerChange =
  | {
      readonly id: string
      readonly is: 'moved'
      readonly item: string
      readonly to: TrackerStatus | null
      readonly by: Person
      readonly at: Millis
    }
  | { readonly id: string; readonly is: 'edited'; readonly item: string; readonly by: Person; readonly at: Millis }
  | {
      readonly id: string
      readonly is: 'commented'
      readonly item: string
      readonly comment: TrackerComment
      readonly at: Millis
    }

export interface Tracker {
  /**
   * Everything that changed since `cursor` (null: from the beginning), oldest first, at most some hundred at once, and
   * the cursor to go on from. May tell a change twice; never skips one.
   */
  changes(
    project: string,
    cursor: string | null,
  ): Promise<{ readonly changes: readonly TrackerChange[]; readonly cursor: string | null }>
  /** null when the item does not exist (any more). */
  read(project: string, item: string): Promise<WorkItem | null>
  comments(project: string, item: string): Promise<readonly TrackerComment[]>
  /** Creates an item without a status of ours. `requestId` makes it repeatable: the same id returns the same item. */
  create(
    project: string,
    draft: {
      readonly title: string
      readonly description: string
      readonly priority: number
      readonly by: string
      readonly requestId: string
    },
  ): Promise<WorkItem>
  /** A person's move, as the board and the CLI make it. */
  moveAs(project: string, item: string, status: TrackerStatus, by: string): Promise<void>
  /** Orch's own move, in the shared voice; a no-op where the item shows it already. */
  show(project: string, item: string, status: TrackerStatus): Promise<void>
  /** Posts once per key, in the voice's own name. The text is plain; the adapter escapes it. */
  ensureComment(
    project: string,
    item: string,
    comment: { readonly key: string; readonly voice: Voice; readonly text: string },
  ): Promise<'created' | 'existed'>
}
