import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { type Living, lifeOf } from './process-life.ts'
import type { ServerUser } from './server-user.ts'

const TAIL_LINES = 40
const KILL_AFTER_MS = 20_000

/**
 * The shell becomes the program. Before that it leaves a watcher behind that waits for the end of a pipe which only our
 * process holds open: when we let go, or die in whatever way, the watcher interrupts the program (PostgreSQL's fast
 * shutdown), after 10 s it makes it quit, after 15 s it kills it.
 * The watcher is no child of the program (hence the second brackets): PostgreSQL takes a strange child's death as a crash.
 */
const GUARD = `
exec 3<&0 </dev/null
program=$$
( (
  while read -r _ <&3; do :; done
  end() { kill -s "$1" "$program" || exit; sleep 1; }
  for _ in 1 2 3 4 5 6 7 8 9 10; do end INT; done
  for _ in 1 2 3 4 5; do end QUIT; done
  end KILL
) & ) >/dev/null 2>&1
exec "$@" 3<&-
`

/** The watcher looks once a second whether the program is gone; it is the last of the program's process group. */
const endWatcher = (group: number | undefined): void => {
  try {
    if (group !== undefined) process.kill(-group, 'SIGKILL')
  } catch {
    // it had noticed
  }
}

/** A child that ends when we do, in whatever way that happens. */
export interface GuardedProcess {
  /** The program's own process; undefined when it could not be started. */
  readonly pid: number | undefined
  /** The last lines that it wrote to its standard error. */
  said(): string
  /** Resolves, never rejects, when it and all that it started have ended: `exit code 1`, `signal SIGKILL`, … */
  readonly ended: Promise<string>
  /** Has it interrupted, after 15 s killed, and waits until it and all that it started are gone. */
  end(): Promise<void>
}

/** Which process it is, for whoever comes after us; process 0 of no life where it could not be started. */
export const livingOf = ({ pid = 0 }: GuardedProcess): Living => ({ pid, life: lifeOf(pid) ?? '' })

/**
 * Starts `command` as `user` under the guard, in a session of its own (Ctrl-C in our terminal does not reach it).
 * @param onLine gets every line of its standard error.
 */
export const startGuarded = (
  command: readonly string[],
  user: ServerUser,
  env: Record<string, string>,
  onLine: (line: string) => void = () => {},
): GuardedProcess => {
  const child: ChildProcess = spawn('/bin/sh', ['-c', GUARD, 'sh', ...user.prefix, ...command], {
    cwd: '/',
    detached: true,
    env,
    stdio: ['pipe', 'ignore', 'pipe'],
    ...user.ids,
  })
  const tail: string[] = []
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      tail.push(line)
      if (tail.length > TAIL_LINES) tail.shift()
      onLine(line)
    })
  }
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    // 'close' and not 'exit': it waits until the last process that writes to the pipe is gone, PostgreSQL's own included.
    child.once('close', (code, signal) => {
      endWatcher(child.pid)
      resolve(signal ? `signal ${signal}` : `exit code ${code}`)
    })
  })
  child.stdin?.on('error', () => {}) // nobody is left to let go of
  return {
    pid: child.pid,
    said: () => tail.join('\n'),
    ended,
    end: async () => {
      child.stdin?.end()
      const withoutWatcher = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
      await ended
      clearTimeout(withoutWatcher)
    },
  }
}
