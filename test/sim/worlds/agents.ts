/** A coding agent without a mind: what it does is drawn by chance, and its process lives in the simulated table. */
import { EFFORTS } from '#core/agent-choice.ts'
import type { Failure } from '#core/model.ts'
import type { AgentEvent, AgentResult, AgentRun, AgentRuntime, AgentSpec } from '#engine/ports/runtime.ts'
import type { Random } from '../random.ts'
import type { Actor, Scheduler } from '../scheduler.ts'
import type { Sometimes } from '../sometimes.ts'
import { type Act, play, type Stage } from './agent-acts.ts'
import type { Checkouts } from './checkouts.ts'
import type { ProcessWorld } from './process-world.ts'

export interface AgentsEnv {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly processes: ProcessWorld
  readonly checkouts: Checkouts
  readonly stageOf: (spec: AgentSpec) => Stage
  readonly sometimes: Sometimes
}

const SAID = { usage: { input: 100, output: 10, cacheRead: 900, costUsd: 0.01 }, models: ['some-model'] }

/** What it had used when it was last heard of. */
const SHOWN = { input: 50, output: 5, cacheRead: 450, costUsd: 0.005 }

/** The runtime as one life of a host sees it. */
export function createAgents(env: AgentsEnv, owner: Actor, machine: string): AgentRuntime {
  return {
    name: 'simulated',
    provider: 'somewhere',
    names: { isModel: () => true, modelFormat: 'anything', efforts: EFFORTS },
    probe: async () => ({ ok: true, version: '1.0.0', notes: [] }),
    start: (spec) => startAgent(env, owner, machine, spec),
  }
}

function startAgent(
  { scheduler, random, processes, checkouts, stageOf, sometimes }: AgentsEnv,
  owner: Actor,
  machine: string,
  spec: AgentSpec,
): AgentRun {
  const label = spec.workspace.dir.slice('/ws/'.length)
  const proc = processes.start({ kind: 'agent', owner, machine, task: spec.prompt.task.key, run: spec.run, label })
  const stage = stageOf(spec)
  const act: Act = play(spec, stage)
  let tell: (result: AgentResult) => void = () => {}
  const result = new Promise<AgentResult>((resolve) => {
    tell = resolve
  })
  const end = (outcome: AgentResult) => {
    processes.exit(proc)
    scheduler.later(owner, `agent of ${spec.run} ended: ${outcome.is}`, 0, () => tell(outcome))
  }
  const terminate = (then: AgentResult) => {
    if (proc.isEnding) return
    proc.isEnding = true
    // A stubborn one is killed when its grace is over.
    const ms = act.isStubborn ? spec.limits.graceMs : random.between(0, 300)
    processes.after(proc, 'is terminated', ms, () => end(then))
  }

  if (act.ms !== null)
    processes.after(proc, `has worked (${act.name})`, act.ms, () => {
      const checkout = checkouts.find(label)
      if (checkout !== null && act.write) act.write(checkout)
      const { role, run } = spec
      if ((role === 'reviewer' || role === 'tester') && act.result.is === 'completed')
        processes.sayings.push({
          run,
          role,
          task: proc.task,
          given: spec.workspace.given,
          verdict: act.verdict ?? null,
        })
      end(act.result.is === 'completed' ? { is: 'completed', ...SAID, text: 'done' } : withUsage(act.result))
    })
  processes.after(proc, 'is out of time', spec.limits.timeoutMs, () => {
    sometimes.saw('run: timed out')
    terminate({ is: 'failed', ...SAID, failure: timedOut })
  })

  async function* events(): AsyncGenerator<AgentEvent> {
    yield { is: 'text', text: act.name }
    yield { is: 'usage', usage: SHOWN }
    await result
  }
  return {
    process: proc.identity,
    events: events(),
    result,
    stop(reason) {
      if (reason === 'fenced') sometimes.saw('fence: fired')
      terminate({ is: 'stopped', ...SAID, reason })
    },
  }
}

const timedOut: Failure = { class: 'permanent', code: 'timed-out', sentence: 'it did not end in time' }

const withUsage = (result: Exclude<Act['result'], { is: 'completed' }>): AgentResult =>
  result.is === 'asked' ? { ...result, ...SAID, session: null } : { ...result, ...SAID }
