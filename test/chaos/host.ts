/**
 * A worker host: the real worker, fence and queue; an agent is a shell that writes the time every 100 ms, so that who was
 * alive when is judged from the agents' own words and not from the database.
 * Arguments: name, database URL, folder of the agents' words, least and most milliseconds of work. FENCE=off is the negative control.
 */
import { spawn } from 'node:child_process'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { createProcesses } from '../../src/adapters/process/processes.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { headOf } from '../../src/core/evidence.ts'
import { handleDelivery, type Outcome, type RunContext } from '../../src/engine/worker.ts'
import { played } from './played.ts'
import { connect, rulesOf, silent, TRUST_MS } from './world.ts'

const [name = 'host', url = '', out = '.', least = '300', most = '1500'] = process.argv.slice(2)
process.on('unhandledRejection', () => {})
const processes = createProcesses({ env: process.env, tmpDir: out })
const host = { ...processes.self(), name: hostname() }
const { store, queue } = await connect(url, name)

async function work(context: RunContext): Promise<Outcome> {
  const { run, task, signal, claim } = context
  const ms = Number(least) + Math.random() * (Number(most) - Number(least))
  const file = join(out, `${task.repo}_${run.role ?? run.kind}_${run.id}_${claim.delivery}_${name}_${Date.now()}`)
  const script = `i=0; while [ $i -lt ${Math.ceil(ms / 100)} ]; do date +%s%3N >> ${file}; sleep 0.09; i=$((i+1)); done`
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'sh', '-c', script], { stdio: 'ignore' })
  const kill = () => child.kill('SIGKILL')
  if (signal.aborted) kill()
  signal.addEventListener('abort', kill)
  await new Promise((resolve) => child.once('exit', resolve))
  if (signal.aborted) return { is: 'stopped' }
  const dice = Math.random()
  if (dice < 0.05)
    return {
      is: 'failed',
      failure: { class: 'transient', code: 'overloaded', sentence: 'played overload', retryAfterMs: 700 },
    }
  return played(run, headOf(task) ?? '', task.evidence.merge?.merge ?? null)
}

const handlers = { agent: work, check: work, merge: work, deploy: work, watch: work }
const fence =
  process.env.FENCE === 'off' ? { touchMs: 2_000, trustMs: 10 * 60_000 } : { touchMs: 2_000, trustMs: TRUST_MS }
const never = new AbortController().signal
for (;;) {
  try {
    await queue.work(4, (claim, cancelled) =>
      handleDelivery(
        {
          store,
          queue,
          clock: systemClock,
          log: silent,
          host,
          rulesOf,
          handlers,
          fence,
          shutdown: never,
          secrets: () => [],
        },
        claim,
        cancelled,
      ),
    )
    break
  } catch {
    await systemClock.sleep(500)
  }
}
process.send?.('up')
setInterval(() => {}, 1 << 30)
