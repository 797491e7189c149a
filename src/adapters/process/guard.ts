/**
 * Ends what Orch leaves behind when it is killed outright. One small shell waits for the end of a pipe that only Orch
 * holds; the kernel closes it however Orch dies, and the shell then kills whoever carries Orch's mark in its environment.
 */
import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'

// The rounds catch what was being forked, or had not got its own environment yet, while the round before was looking.
const SCRIPT = `
read -r _
calm=0
while [ $calm -lt 3 ]; do
  calm=$((calm + 1))
  for environ in $(grep -ls "$1" /proc/[0-9]*/environ); do
    pid=\${environ#/proc/}
    kill -9 "\${pid%/environ}" 2>/dev/null && calm=0
  done
  sleep 0.1
done
`

/** Starts the guard of all processes whose environment holds `mark`. It ends by itself with this process. */
export const startGuard = (mark: string, tools: Readonly<Record<string, string>>): void => {
  const guard = spawn('sh', ['-c', SCRIPT, 'orch-guard', mark], {
    detached: true,
    env: tools,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Where there is no shell there is nothing to guard with, and the programs themselves hardly start either.
  guard.on('error', () => {})
  guard.stdin.on('error', () => {})
  guard.unref()
  ;(guard.stdin as Writable & { unref(): void }).unref()
}
