/**
 * The runtime `scripted`: a program without intelligence that plays the six roles by really editing files. It is for the
 * demonstration and for tests, is chosen by configuration, and is never presented as more than it is.
 */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Usage } from '#core/model.ts'
import type { Processes, ProcessResult, Sandbox, StopReason } from '#engine/ports/processes.ts'
import type { AgentEvent, AgentResult, AgentRuntime, AgentSpec } from '#engine/ports/runtime.ts'
import { eventQueue } from './event-queue.ts'
import { parseLine, type ScriptLine } from './protocol.ts'

export interface ScriptedOptions {
  readonly processes: Processes
  /** Program that runs the script: a Node new enough for it. */
  readonly node: string
  readonly env: { readonly PATH: string; readonly LANG: string }
}

const PROGRAM = fileURLToPath(new URL('./program.ts', import.meta.url))

/** A program uses no tokens: these are its true numbers. */
const NOTHING_USED: Usage = { input: 0, output: 0, costUsd: 0 }

export const createScriptedRuntime = ({ processes, node, env }: ScriptedOptions): AgentRuntime => ({
  name: 'scripted',
  provider: null,
  names: { isModel: () => false, modelFormat: 'a program has no models', efforts: [] },
  probe: async () => ({
    ok: true,
    version: '1',
    notes: ['a program plays the agents: there is no intelligence in it'],
  }),
  start(spec) {
    const events = eventQueue<AgentEvent>()
    const last: { line: ScriptLine | null } = { line: null }
    let stopped: StopReason | null = null
    const running = processes.start({
      argv: [node, PROGRAM],
      cwd: spec.workspace.dir,
      env: { ...env, HOME: spec.workspace.home, TMPDIR: spec.workspace.tmp },
      stdin: JSON.stringify({ role: spec.role, prompt: spec.prompt }),
      sandbox: withProgram(spec.workspace.sandbox, node),
      timeoutMs: spec.limits.timeoutMs,
      stallMs: spec.limits.stallMs,
      graceMs: spec.limits.graceMs,
      tailBytes: 8 * 1024,
      onLine: (text, stream) => {
        const line = stream === 'stdout' ? parseLine(text) : null
        if (line !== null && line.is !== 'text') last.line = line
        events.push({ is: 'raw', line: text })
        if (line?.is === 'text') events.push({ is: 'text', text: line.text })
      },
    })
    const result = running.result.then((ended) => {
      events.end()
      return resultOf(spec, ended, last.line, stopped)
    })
    return {
      process: running.identity,
      events,
      result,
      stop(reason) {
        stopped ??= reason
        running.stop(reason)
      },
    }
  },
})

/** The program must be seen from inside, wherever Orch itself is installed. */
const withProgram = (sandbox: Sandbox, node: string): Sandbox =>
  sandbox.is === 'off' ? sandbox : { ...sandbox, readable: [...sandbox.readable, dirname(PROGRAM), dirname(node)] }

function resultOf(
  spec: AgentSpec,
  ended: ProcessResult,
  line: ScriptLine | null,
  stopped: StopReason | null,
): AgentResult {
  const account = { usage: NOTHING_USED, models: [] }
  const failed = (code: string, sentence: string): AgentResult => ({
    is: 'failed',
    ...account,
    failure: { class: 'permanent', code, sentence },
  })
  if (stopped !== null || ended.ended === 'stopped')
    return { is: 'stopped', ...account, reason: stopped ?? 'cancelled' }
  if (ended.ended === 'timed-out')
    return failed('timed-out', `the ${spec.role} did not end within ${Math.round(spec.limits.timeoutMs / 1000)} s`)
  if (ended.ended === 'stalled')
    return failed('stalled', `the ${spec.role} was silent for ${Math.round(spec.limits.stallMs / 1000)} s`)
  if (ended.ended === 'missing') return failed('missing', `the scripted program could not be started: ${ended.tail}`)
  if (line?.is === 'overloaded')
    return {
      is: 'failed',
      ...account,
      failure: {
        class: 'transient',
        code: 'overloaded',
        sentence: 'the script plays an overloaded provider',
        retryAfterMs: line.retryAfterMs,
      },
    }
  if (ended.code !== 0)
    return failed(
      'crashed',
      `the ${spec.role} ended with ${ended.code ?? ended.signal}: ${ended.tail.trim().split('\n').at(-1)?.slice(0, 200) ?? ''}`,
    )
  if (line?.is === 'question') return { is: 'asked', ...account, question: line.text, session: null }
  return line?.is === 'result'
    ? { is: 'completed', ...account, text: line.text }
    : failed('no-result', `the ${spec.role} ended without a result`)
}
