/** The process table, read at one moment, and who in it belongs to a program that we started. */
import { existsSync, readdirSync } from 'node:fs'
import { type ProcessRow, readProc, readProcess } from './identity.ts'

/** Every living process numbered above `above`; empty where there is no /proc. Throws as `readProc`. */
export const readTable = (above = 0): readonly ProcessRow[] => {
  if (!existsSync('/proc/self/stat')) return []
  const rows: ProcessRow[] = []
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    const row = pid > above ? readProcess(pid) : null
    if (row !== null && !row.hasEnded) rows.push(row)
  }
  return rows
}

export const childrenOf = (pid: number): readonly ProcessRow[] => readTable().filter((row) => row.parent === pid)

/** The number that was given out last, in this namespace; as in proc_loadavg(5). */
const lastPid = (): number => Number(readProc('/proc/loadavg')?.trim().split(' ').at(-1) ?? 0)

const carries = (pid: number, variable: string): boolean =>
  readProc(`/proc/${pid}/environ`)?.split('\0').includes(variable) ?? false

/**
 * The program and everything that came of it: by parentage, by session, by process group, and by the environment variable
 * that its descendants inherited, which finds those that left all three (`setsid`, double fork).
 * `root` may be gone already. `variable` is `NAME=value`, unique to the start. `isYoung`: it began so short a time ago
 * that numbers cannot have gone round since; descendants then have higher ones, and most of the table need not be read.
 */
export const findTree = (root: ProcessRow, variable: string, isYoung: boolean): readonly ProcessRow[] => {
  const rows = readTable(isYoung && lastPid() >= root.pid ? root.pid - 1 : 0).filter(
    (row) => Number(row.startTime) >= Number(root.startTime),
  )
  const members = new Map<number, ProcessRow>()
  // The kernel gives a number out again only when its group and session are empty, too.
  const isReused = rows.some((row) => row.pid === root.pid && row.startTime !== root.startTime)
  for (const row of rows) {
    const isRoot = row.pid === root.pid && !isReused
    const isNear = !isReused && (row.group === root.pid || row.session === root.pid)
    if (isRoot || isNear || carries(row.pid, variable)) members.set(row.pid, row)
  }
  for (let before = -1; before !== members.size; ) {
    before = members.size
    for (const row of rows) if (members.has(row.parent)) members.set(row.pid, row)
  }
  return [...members.values()]
}
