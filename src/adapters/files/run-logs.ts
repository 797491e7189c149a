/** Logs of runs as files under `runs_dir`. One function decides every path. */
import { createWriteStream, mkdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunLogs } from '#engine/ports/run-logs.ts'
import type { Log } from '#engine/ports/world.ts'

const LIMIT_BYTES = 64 * 1024 * 1024
const PAGE_BYTES = 256 * 1024
const RUN_ID = /^[0-9]{1,15}\.[0-9]{1,9}$/

/** `<runs_dir>/<task>/<run>.log`; null for what is no run id, so that no name from outside becomes a path. */
export const runLogPath = (runsDir: string, run: string): string | null =>
  RUN_ID.test(run) ? join(runsDir, run.slice(0, run.indexOf('.')), `${run}.log`) : null

export function createRunLogs(runsDir: string, log: Log): RunLogs {
  return {
    open(run) {
      const path = runLogPath(runsDir, run)
      if (path === null) throw new Error(`${run} is no run id`)
      let broken = false
      const fail = (error: unknown) => {
        if (!broken)
          log.warn(
            { run, error: error instanceof Error ? error.message : error },
            'the log of a run could not be written',
          )
        broken = true
      }
      try {
        mkdirSync(join(path, '..'), { recursive: true })
      } catch (error) {
        fail(error)
      }
      const stream = broken ? null : createWriteStream(path, { flags: 'a', mode: 0o600 })
      stream?.on('error', fail)
      let written = 0
      return {
        append(line) {
          if (broken || written > LIMIT_BYTES) return
          written += line.length + 1
          stream?.write(written > LIMIT_BYTES ? `${line}\n[the log is full; what follows is not kept]\n` : `${line}\n`)
        },
        close: () => new Promise((resolve) => (stream === null || broken ? resolve() : stream.end(() => resolve()))),
      }
    },

    async read(run, offset) {
      const path = runLogPath(runsDir, run)
      if (path === null) return null
      let file: Awaited<ReturnType<typeof open>>
      try {
        file = await open(path, 'r')
      } catch {
        return null
      }
      try {
        const buffer = Buffer.alloc(PAGE_BYTES)
        const { bytesRead } = await file.read(buffer, 0, PAGE_BYTES, offset)
        const page = buffer.subarray(0, bytesRead)
        // Only whole lines are handed out, so that a character is never cut; a very long line is cut all the same.
        const end = page.lastIndexOf(10) + 1 || (bytesRead === PAGE_BYTES ? bytesRead : 0)
        return { text: page.subarray(0, end).toString('utf8'), next: offset + end }
      } finally {
        await file.close()
      }
    },
  }
}
