/** What a command may use of the world: a terminal, the environment, a clock, the network. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  /** Columns of a line; Infinity where the output goes into a file or another program. */
  readonly width: number
  readonly colour: boolean
  /** All of standard input, as text. */
  input(): Promise<string>
}

export interface Shell {
  readonly terminal: Terminal
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly fetch: typeof globalThis.fetch
  /** Milliseconds since the epoch. */
  now(): number
  uuid(): string
  /** Whether a process of this number lives on this machine. */
  isAlive(pid: number): boolean
}

/** The shell of a real process. A reader that goes away (`orch task list | head`) ends it quietly. */
export function shellOf(process: NodeJS.Process): Shell {
  const { stdout, stderr, env } = process
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  return {
    terminal: {
      out: (text) => void stdout.write(text),
      err: (text) => void stderr.write(text),
      width: stdout.isTTY ? Math.max(40, stdout.columns || 80) : Number.POSITIVE_INFINITY,
      colour: Boolean(stdout.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb',
      input: () => textOf(process.stdin),
    },
    env,
    cwd: process.cwd(),
    fetch: globalThis.fetch,
    now: Date.now,
    uuid: () => globalThis.crypto.randomUUID(),
    isAlive(pid) {
      try {
        return process.kill(pid, 0)
      } catch (thrown) {
        return (thrown as NodeJS.ErrnoException).code === 'EPERM'
      }
    },
  }
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
