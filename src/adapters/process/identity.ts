/** Which process is which, as the kernel tells it. Linux reads /proc; elsewhere a pid and a signal 0 are all there is. */
import { readFileSync } from 'node:fs'
import type { ProcessIdentity } from '../../engine/ports/processes.ts'

/** One line of /proc/<pid>/stat, reduced; `startTime` is in clock ticks since boot. Fields as in proc_pid_stat(5). */
export interface ProcessRow {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: number
  readonly startTime: string
  readonly hasEnded: boolean
}

const GONE_OR_NOT_OURS = ['ENOENT', 'ESRCH', 'ENOTDIR', 'EACCES', 'EPERM']

/**
 * A file of /proc, or null where its process is gone or none of our business. Throws for everything else (no file handle
 * left, say): what cannot be read now is no proof that a process is dead.
 */
export const readProc = (path: string): string | null => {
  try {
    return readFileSync(path, 'latin1')
  } catch (thrown) {
    if (GONE_OR_NOT_OURS.includes((thrown as NodeJS.ErrnoException).code ?? '')) return null
    throw thrown
  }
}

/**
 * The process with this pid, also one that has ended and only waits for its exit code to be taken; null where there is
 * none. Throws as `readProc`.
 */
export const readProcess = (pid: number): ProcessRow | null => {
  const stat = readProc(`/proc/${pid}/stat`)
  if (stat === null) return null
  // The command may hold spaces and parentheses; the last closing one ends it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    pid,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    startTime: fields[19] ?? '',
    hasEnded: fields[0] === 'Z' || fields[0] === 'X',
  }
}

/** Whether exactly this process still runs. */
export const isRunning = (row: ProcessRow): boolean => {
  const now = readProcess(row.pid)
  return now !== null && !now.hasEnded && now.startTime === row.startTime
}

/** The process that we have just started; null where nothing is told about it. */
export const readNew = (pid: number | undefined): ProcessRow | null => {
  try {
    return pid === undefined ? null : readProcess(pid)
  } catch {
    return null
  }
}

/** The kernel's id of this boot, or `unknown` where there is no /proc. */
export const readBootId = (): string => readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown'

/** `pid` 0 names a process that never came to be. */
export const identify = (bootId: string, pid: number): ProcessIdentity => ({
  bootId,
  pid,
  startTime: readNew(pid)?.startTime ?? null,
})

/** Whether exactly this process still runs on this boot; another one with its pid does not count. */
export const isAlive = (bootId: string, identity: ProcessIdentity): boolean => {
  if (identity.pid <= 0 || identity.bootId !== bootId) return false
  if (bootId !== 'unknown') {
    const now = readProcess(identity.pid)
    // Without a start time it was gone before it could be read: whoever has the pid now is a stranger.
    return now !== null && !now.hasEnded && now.startTime === identity.startTime
  }
  try {
    process.kill(identity.pid, 0)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}
