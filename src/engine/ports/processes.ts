/** Running programs that we do not trust to end: bounded, watched, and verified dead with their whole tree. */

/** `lingering`: it has given its result and does not end. */
export type StopReason = 'cancelled' | 'shutdown' | 'fenced' | 'budget' | 'lingering'

/** What the program may see and touch. `off` runs it as it is and must have been asked for by a setting. */
export type Sandbox =
  | { readonly is: 'off' }
  | {
      readonly is: 'on'
      /** Folders that stay writable; everything else is read-only. */
      readonly writable: readonly string[]
      /** Folders that appear empty (Orch's data, homes), even when a writable or readable one lies inside. */
      readonly hidden: readonly string[]
      /** Folders inside hidden ones that are shown all the same, read-only. */
      readonly readable: readonly string[]
    }

export interface ProcessSpec {
  /** Program and arguments; never a shell string. */
  readonly argv: readonly [string, ...string[]]
  readonly cwd: string
  /** The complete environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly stdin?: string
  /** Keeps its input open after `stdin`, for `RunningProcess.write`; closed where absent. */
  readonly keepInput?: boolean
  /** How it is asked to end in its own words, before any signal: written to its input, then waited for. */
  readonly interrupt?: { readonly text: string; readonly waitMs: number }
  readonly sandbox: Sandbox
  /** Wall time, and time without output; milliseconds. */
  readonly timeoutMs: number
  readonly stallMs?: number
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number
  /** How much of the end of the output is kept. Output beyond it is read and dropped, so memory stays flat. */
  readonly tailBytes: number
  /** Each line as it comes, without its newline, cut at 64 KiB. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void
  /** Every piece of output as it comes, for callers that need the exact bytes. */
  readonly onBytes?: (bytes: Uint8Array, stream: 'stdout' | 'stderr') => void
  readonly signal?: AbortSignal
}

export interface ProcessResult {
  /** `missing`: the program could not be started at all. */
  readonly ended: 'exited' | 'timed-out' | 'stalled' | 'stopped' | 'missing'
  readonly code: number | null
  readonly signal: string | null
  readonly ms: number
  /** Last bytes of stdout and stderr as they came, valid UTF-8. */
  readonly tail: string
}

/** Names one process on one boot of one machine, also after its pid is used again. */
export interface ProcessIdentity {
  readonly bootId: string
  readonly pid: number
  /** Start time as the kernel tells it, or null where it cannot be read. */
  readonly startTime: string | null
}

export interface RunningProcess {
  readonly identity: ProcessIdentity
  /** Resolves when the whole tree is verified gone; never rejects. */
  readonly result: Promise<ProcessResult>
  /** Its own interrupt where there is one, SIGTERM to the program, grace, SIGKILL to everything; may be called again. */
  stop(reason: StopReason): void
  /** Into its open input; nothing where that is closed or the program is gone. */
  write(text: string): void
  endInput(): void
}

export interface Processes {
  /** Whether this machine can isolate, and if not, why. */
  canSandbox(): Promise<{ readonly can: true } | { readonly can: false; readonly why: string }>
  start(spec: ProcessSpec): RunningProcess
  isAlive(identity: ProcessIdentity): boolean
  /** This very process. */
  self(): ProcessIdentity
}
