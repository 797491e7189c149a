/**
 * A program's own view of the machine, made with util-linux's `unshare` and a small shell script: everything read-only but
 * the folders it may write, hidden folders empty, private /tmp, /dev, /proc and /sys, no network but its own loopback, and
 * a process namespace that dies as a whole. The same for root and for ordinary users.
 */
import { accessSync, constants, existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessSpec, Sandbox } from '../../engine/ports/processes.ts'
import { SETUP } from './sandbox-setup.ts'

type Isolation = Extract<Sandbox, { is: 'on' }>
/** Hide (with something shown inside, or nothing), hide but let write for now, show read-only, seal a part of /proc, let write. */
type Step = readonly ['empty' | 'blank' | 'scratch' | 'show' | 'seal' | 'write', string]

/** What isolation needs of the machine, as absolute paths; `path` is where the set-up script finds mount and the like. */
export interface SandboxTools {
  readonly setpriv: string
  readonly unshare: string
  readonly sh: string
  readonly path: string
}

export interface Owner {
  readonly uid: number
  readonly gid: number
}

// With root's number a process owns root's files even without root's powers; these would let it change the machine.
const ROOTS_PROC = ['/proc/sys', '/proc/sysrq-trigger', '/proc/irq', '/proc/bus', '/proc/fs']
// Where other programs (container engines, message buses) have their sockets.
const ALWAYS_EMPTY = ['/run']
// The shell sets these on its own account; the program gets them only as they were given.
const SHELL_OWN = ['PATH', 'PWD', 'OLDPWD', 'SHLVL', '_']

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The tools, or the name of the first that is missing. `path` as in the environment variable. */
export const findTools = (path: string): SandboxTools | string => {
  const folders = [...path.split(':'), '/usr/sbin', '/usr/bin', '/sbin', '/bin'].filter((folder) =>
    folder.startsWith('/'),
  )
  const find = (name: string): string | undefined => folders.map((folder) => join(folder, name)).find(isProgram)
  const missing = ['setpriv', 'unshare', 'mount', 'umount', 'pivot_root', 'sh'].find((name) => find(name) === undefined)
  return missing ?? { setpriv: find('setpriv')!, unshare: find('unshare')!, sh: find('sh')!, path: folders.join(':') }
}

const resolve = (path: string): string => {
  // The set-up script works line by line.
  if (!path.startsWith('/') || path.includes('\n')) throw new Error(`${JSON.stringify(path)} is no usable folder name`)
  return realpathSync(path)
}

/** Folders with what is to be done to them, outer ones first, so that an inner one has the last word. */
const plan = (sandbox: Isolation, owner: Owner): readonly Step[] => {
  const existing = (paths: readonly string[]): string[] => paths.filter((path) => existsSync(path)).map(resolve)
  const hidden = existing([...ALWAYS_EMPTY, ...sandbox.hidden]).filter((path) => path !== '/tmp')
  const steps: readonly Step[] = [
    ['scratch', '/tmp'],
    ...hidden.map((path): Step => ['empty', path]),
    ...(owner.uid === 0 ? existing(ROOTS_PROC) : []).map((path): Step => ['seal', path]),
    ...sandbox.readable.map((path): Step => ['show', resolve(path)]),
    ...sandbox.writable.map((path): Step => ['write', resolve(path)]),
  ]
  const depth = ([, path]: Step): number => path.split('/').length
  const sorted = steps.toSorted((a, b) => depth(a) - depth(b))
  const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)
  const needed = sorted.filter(([kind, path], at) => {
    const around = sorted.findLast(([, folder], i) => i < at && isWithin(path, folder))
    return kind !== 'empty' || around?.[0] !== 'empty'
  })
  // Where nothing is shown inside, it can be read-only from the start.
  const isBlank = ([kind, path]: Step, at: number): boolean =>
    kind === 'empty' && !needed.some(([, inner], i) => i > at && isWithin(inner, path))
  return needed.map((step, at): Step => (isBlank(step, at) ? ['blank', step[1]] : step))
}

/** The program's own user namespace, below the one that holds the mounts; there it has no powers and gets none. */
const unprivileged = (tools: SandboxTools, owner: Owner): readonly string[] => {
  // It is never called root: programs behave differently for root, and it would be root in name only.
  const id = { uid: owner.uid || 1000, gid: owner.gid || 1000 }
  const maps = [`--map-user=${id.uid}`, `--map-group=${id.gid}`]
  return [tools.unshare, '--user', ...maps, '--', tools.setpriv, '--no-new-privs', '--']
}

/**
 * The command that runs `spec.argv` isolated. On file descriptor 3 it says `ready`, and starts the program when it is
 * answered a line; or it says `failed <sentence>`. Throws where a writable or readable folder does not exist; hidden
 * ones may be absent.
 */
export const sandboxed = (
  tools: SandboxTools,
  owner: Owner,
  sandbox: Isolation,
  spec: Pick<ProcessSpec, 'argv' | 'cwd' | 'env'>,
): readonly string[] => {
  const given = SHELL_OWN.flatMap((name) => (spec.env[name] === undefined ? [] : [`${name}=${spec.env[name]}`]))
  const absent = SHELL_OWN.flatMap((name) => (spec.env[name] === undefined ? ['-u', name] : []))
  return [
    // The kernel ends all of it with us, however we end.
    ...[tools.setpriv, '--pdeathsig', 'KILL'],
    ...[tools.unshare, '--user', '--map-root-user', '--mount', '--pid', '--net', '--ipc', '--uts'],
    ...['--fork', '--kill-child', '--'],
    ...[tools.sh, '-c', SETUP, 'orch-sandbox'],
    ...[tools.path, resolve(spec.cwd), spec.argv[0], spec.env.PATH ?? '/bin:/usr/bin'],
    ...plan(sandbox, owner).flat(),
    '--',
    ...['env', ...absent, ...given, ...unprivileged(tools, owner), ...spec.argv],
  ]
}
