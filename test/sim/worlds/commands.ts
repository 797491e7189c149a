/** Programs that Orch runs itself: here the check command, whose verdict is what the tree deserves. */
import type { Processes, ProcessResult } from '#engine/ports/processes.ts'
import { checkOf } from './git.ts'
import type { Life, Worlds } from './ports.ts'

export function processesPort(
  { scheduler, processes, checkouts, git }: Worlds,
  { actor, self, random }: Life,
): Processes {
  return {
    canSandbox: async () => ({ can: true }),
    self: () => self.identity,
    isAlive: (identity) => processes.isAlive(identity, self.machine),
    start(spec) {
      const label = spec.cwd.slice('/ws/'.length)
      const task = label.replace(/\.check$/, '')
      const proc = processes.start({ kind: 'check', owner: actor, machine: self.machine, task, run: null, label })
      const checkout = checkouts.find(label)
      const startedAt = scheduler.now()
      let tell: (result: ProcessResult) => void = () => {}
      const result = new Promise<ProcessResult>((resolve) => {
        tell = resolve
      })
      const end = (ended: ProcessResult['ended'], code: number | null) => {
        processes.exit(proc)
        const ms = scheduler.now() - startedAt
        scheduler.later(actor, `check of ${task} ${ended} ${code}`, 0, () =>
          tell({ ended, code, signal: code === null ? 'SIGTERM' : null, ms, tail: '' }),
        )
      }
      const stop = () => {
        if (proc.isEnding) return
        proc.isEnding = true
        const ms = random.chance(0.2) ? spec.graceMs : random.between(0, 300)
        processes.after(proc, 'is terminated', ms, () => end('stopped', null))
      }
      processes.after(proc, 'has checked', random.between(1_000, 8_000), () => {
        if (checkout === null) return end('exited', 127)
        const { exit, litters } = checkOf(checkout.files)
        const { content, tree } = git.get(checkout.given)
        checkout.isTouched = litters
        processes.checks.push({ task, content, tree, passed: exit === 0 && !litters, at: scheduler.now() })
        end('exited', exit)
      })
      if (spec.signal?.aborted) stop()
      spec.signal?.addEventListener('abort', stop)
      return { identity: proc.identity, result, stop, write: () => {}, endInput: () => {} }
    },
  }
}
