/**
 * The runtime `codex`: the codex CLI without its face, one start per run, told its settings by a file and its task by its
 * input, watched by its events, and verified gone at the end.
 */
import { sentenceOf } from '#core/errors.ts'
import type { Failure } from '#core/model.ts'
import type { Ledger } from '#engine/ports/gateway.ts'
import type { Processes } from '#engine/ports/processes.ts'
import type { AgentRun, AgentRuntime, AgentSpec } from '#engine/ports/runtime.ts'
import { CODEX_NAMES } from './names.ts'
import { type CodexOptions, PROVIDER } from './options.ts'
import { type Prepared, prepare } from './prepare.ts'
import { probeCodex } from './probe.ts'
import { follow } from './run.ts'
import { openSessions, type Sessions } from './sessions.ts'

export function createCodexRuntime(options: CodexOptions): AgentRuntime {
  const sessions = openSessions(options.sessionsDir, options.clock.now)
  return {
    name: 'codex',
    provider: PROVIDER,
    names: CODEX_NAMES,
    probe: () => probeCodex(options),
    start: (spec) => start(spec, options, sessions),
  }
}

/** Never throws: what goes wrong before the start is the run's result. */
function start(spec: AgentSpec, options: CodexOptions, sessions: Sessions): AgentRun {
  const heard: { ledger: (ledger: Ledger) => void } = { ledger: () => {} }
  let prepared: Prepared | Failure
  try {
    prepared = prepare(spec, options, sessions, (ledger) => heard.ledger(ledger))
  } catch (thrown) {
    const sentence = `The run of codex could not be prepared: ${sentenceOf(thrown)}`
    prepared = { class: 'permanent', code: 'infrastructure', sentence }
  }
  return 'code' in prepared
    ? neverStarted(options.processes, prepared)
    : follow({ spec, prepared, options, sessions, heard })
}

function neverStarted(processes: Processes, failure: Failure): AgentRun {
  return {
    process: { ...processes.self(), pid: 0, startTime: null },
    events: { async *[Symbol.asyncIterator]() {} },
    result: Promise.resolve({ is: 'failed', failure, usage: {}, models: [] }),
    stop: () => {},
  }
}
