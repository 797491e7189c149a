/** One file of lines that is only ever added to: redacted, and bounded. */
import { createWriteStream, fstatSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { createRedactor } from '../../core/redact.ts'

export interface LogFile {
  /** One line, or several, without the newline at the end; nothing is held back by the end of a line. */
  add(line: string): void
  /** Resolves when everything is written; never rejects. */
  close(): Promise<void>
}

interface LogFileOptions {
  readonly secrets: readonly string[]
  readonly limitBytes: number
  /** Told of what goes wrong; the lines are then lost. */
  readonly onError: (error: unknown) => void
}

const FULL = '[the log is full; what follows is not kept]\n'

export function createLogFile(path: string, { secrets, limitBytes, onError }: LogFileOptions): LogFile {
  const file = openForAdding(path, onError)
  if (file === null) return { add() {}, close: () => Promise.resolve() }
  const stream = createWriteStream(path, { fd: file.fd })
  const redactor = createRedactor(secrets)
  // An earlier run with this id may have begun it.
  let bytes = file.bytes
  let isOver = bytes >= limitBytes
  stream.on('error', (error) => {
    isOver = true
    onError(error)
  })

  const write = (text: string): void => {
    if (isOver || text === '') return
    bytes += Buffer.byteLength(text)
    isOver = bytes > limitBytes
    stream.write(isOver ? FULL : text)
  }
  return {
    add(line) {
      if (!isOver) write(redactor.push(`${line}\n`))
    },
    close: () =>
      new Promise((resolve) => {
        // Told of an error, too: nobody waits for a log for ever.
        stream.end(() => resolve())
        stream.once('close', () => resolve())
      }),
  }
}

function openForAdding(path: string, onError: (error: unknown) => void): { fd: number; bytes: number } | null {
  try {
    const fd = openInFolder(path)
    return { fd, bytes: fstatSync(fd).size }
  } catch (error) {
    onError(error)
    return null
  }
}

/** Its folder may be pruned, being empty, between the two steps; once is then enough to try again. */
function openInFolder(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true })
    return openSync(path, 'a', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    mkdirSync(dirname(path), { recursive: true })
    return openSync(path, 'a', 0o600)
  }
}
