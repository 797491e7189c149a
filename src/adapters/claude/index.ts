/**
 * The runtime `claude`: the claude CLI without its face, told everything by its input, watched by its stream of messages,
 * and verified gone at the end. It gets no key of ours but in the way that the gateway gives it one.
 */
import type { AgentRuntime } from '#engine/ports/runtime.ts'
import { CLAUDE_NAMES } from './names.ts'
import type { ClaudeOptions } from './options.ts'
import { PROVIDER, probeClaude } from './probe.ts'
import { startRun } from './run.ts'
import { openSessions } from './sessions.ts'

export { type FoundClaude, findClaude } from './find.ts'
export type { ClaudeOptions } from './options.ts'

export function createClaudeRuntime(options: ClaudeOptions): AgentRuntime {
  const sessions = openSessions(options.sessionsDir, options.clock.now)
  return {
    name: 'claude',
    provider: PROVIDER,
    names: CLAUDE_NAMES,
    probe: () => probeClaude(options),
    start: (spec) => startRun(spec, options, sessions),
  }
}
