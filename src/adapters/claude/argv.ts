/** The command line of one run. The prompt is not in it: it goes by the input, where nobody else on the machine reads it. */
import type { AgentSpec } from '#engine/ports/runtime.ts'

/** What a run may use. Files and commands are enough; what it may touch is the sandbox's to say. */
export const TOOLS = ['Bash', 'Read', 'Edit', 'Write', 'Grep', 'Glob'] as const

/** Named as well, should a version offer them in spite of the list above: they spend without us, wait, or reach others. */
export const DENIED = [
  'Agent',
  'Task',
  'Workflow',
  'CronCreate',
  'CronDelete',
  'CronList',
  'ScheduleWakeup',
  'SendMessage',
  'ListAgents',
  'Monitor',
  'EnterWorktree',
  'ExitWorktree',
  'WebFetch',
  'WebSearch',
] as const

/** `resumed` goes on with a conversation whose transcript lies in the run's home. */
export interface Conversation {
  readonly is: 'new' | 'resumed'
  /** A UUID. */
  readonly id: string
}

export interface ArgvFacts {
  /** Absolute path of the CLI. */
  readonly command: string
  readonly choice: AgentSpec['choice']
  readonly conversation: Conversation
  /** File with what is added to the system prompt; null where nothing is. */
  readonly rulesFile: string | null
}

/**
 * Both ways as a stream of JSON, with partial messages as signs of life. Of all settings only those of the run's own
 * (empty) home count: a repository's would run its hooks, start its servers and send our credential where it likes.
 */
export function claudeArgv({ command, choice, conversation, rulesFile }: ArgvFacts): readonly [string, ...string[]] {
  return [
    command,
    '-p',
    ...['--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose', '--include-partial-messages'],
    ...['--setting-sources', 'user', '--strict-mcp-config', '--disable-slash-commands'],
    ...['--permission-mode', 'dontAsk', '--permission-prompts', 'none'],
    ...['--tools', TOOLS.join(','), '--allowedTools', TOOLS.join(','), '--disallowedTools', DENIED.join(',')],
    ...(choice.model === null ? [] : ['--model', choice.model]),
    ...(choice.effort === null ? [] : ['--effort', choice.effort]),
    ...(choice.fallback === null ? [] : ['--fallback-model', choice.fallback]),
    ...(rulesFile === null ? [] : ['--append-system-prompt-file', rulesFile]),
    ...[conversation.is === 'new' ? '--session-id' : '--resume', conversation.id],
  ]
}
