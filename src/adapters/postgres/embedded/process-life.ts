import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync, statSync } from 'node:fs'

/** One process of one life, see `lifeOf`. */
export interface Living {
  readonly pid: number
  readonly life: string
}

const ps = (pid: number, column: string): string | undefined => {
  try {
    return execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}

/**
 * Names one life of a process, so that a pid given to another process later is told apart: boot and start time on Linux
 * (`/proc/<pid>/stat`, fields 3 and 22, see proc_pid_stat(5)), the start time elsewhere.
 * `undefined`: no such process runs; a zombie is dead.
 */
export const lifeOf = (pid: number): string | undefined => {
  if (process.platform !== 'linux') return ps(pid, 'lstart')
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets, and the name may hold brackets and blanks itself.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (state === 'Z' || state === 'X') return undefined
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${rest[18]}`
  } catch {
    return undefined
  }
}

/** The realm in which our pids hold, see pid_namespaces(7); the same everywhere where there are no such namespaces. */
export const processNamespace = (): string => {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

/** Whether the process `pid` is alive and is the PostgreSQL server of `folder`: a server's working folder is its data. */
export const servesFolder = (pid: number, folder: string): boolean => {
  if (lifeOf(pid) === undefined) return false
  if (process.platform !== 'linux') return /(^|\/)postgres$/.test(ps(pid, 'comm') ?? '')
  try {
    // By device and number, not by name: the same folder has other names behind links and in containers.
    const [its, ours] = [statSync(`/proc/${pid}/cwd`), statSync(folder)]
    return its.dev === ours.dev && its.ino === ours.ino
  } catch {
    return false
  }
}
