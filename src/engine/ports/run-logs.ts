/** What each run printed, kept as files under `runs_dir`. Losing one never fails a run. */
import type { RunId } from '#core/words.ts'

export interface RunLog {
  /** One line for people, without its newline. Bounded: past the limit lines are dropped, and the log says so once. */
  append(line: string): void
  /** One line exactly as a program gave it, kept in a second file beside; bounded too. */
  raw(line: string): void
  close(): Promise<void>
}

export interface RunLogs {
  open(run: RunId): RunLog
  /**
   * What is there from byte `offset` on (at most 256 KiB), and where to go on; null when there is no log. `file`: the
   * lines for people, or the raw ones.
   */
  read(
    run: RunId,
    offset: number,
    file: 'told' | 'raw',
  ): Promise<{ readonly text: string; readonly next: number } | null>
}
