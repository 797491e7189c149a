/** What the CLI says with `--json`, one object a line, as far as Orch has a use for it (codex 0.169). */

export type CodexEvent =
  | { readonly is: 'thread'; readonly id: string }
  | { readonly is: 'turn-started' }
  | { readonly is: 'turn-completed'; readonly usage: CodexUsage }
  | { readonly is: 'turn-failed'; readonly message: string }
  /** Not the end: it tries again, or says so before the turn fails. */
  | { readonly is: 'trouble'; readonly message: string }
  | { readonly is: 'message'; readonly text: string }
  | { readonly is: 'tool'; readonly id: string; readonly name: string; readonly detail: string }
  /** Something well-formed that concerns nobody here, or that a later version has brought. */
  | { readonly is: 'other' }

/** As the CLI counts: `input` includes what was read from and written to the cache, and all go on through a resumed session. */
export interface CodexUsage {
  readonly input?: number
  readonly cached?: number
  readonly cacheWrite?: number
  readonly output?: number
}

type Fields = Readonly<Record<string, unknown>>
const DETAIL_LENGTH_MAX = 2_000

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Null for what is no event. */
export function parseEvent(line: string): CodexEvent | null {
  if (!line.startsWith('{')) return null
  let event: Fields
  try {
    event = fieldsOf(JSON.parse(line))
  } catch {
    return null
  }
  switch (event.type) {
    case 'thread.started':
      return { is: 'thread', id: textOf(event.thread_id) }
    case 'turn.started':
      return { is: 'turn-started' }
    case 'turn.completed':
      return { is: 'turn-completed', usage: usageOf(fieldsOf(event.usage)) }
    case 'turn.failed':
      return { is: 'turn-failed', message: textOf(fieldsOf(event.error).message) }
    case 'error':
      return { is: 'trouble', message: textOf(event.message) }
    case 'item.started':
    case 'item.completed':
      return itemOf(fieldsOf(event.item), event.type === 'item.completed')
    default:
      return typeof event.type === 'string' ? { is: 'other' } : null
  }
}

function itemOf(item: Fields, isDone: boolean): CodexEvent {
  const tool = (name: string, detail: string): CodexEvent => ({
    is: 'tool',
    id: textOf(item.id),
    name,
    detail: detail.slice(0, DETAIL_LENGTH_MAX).toWellFormed(),
  })
  switch (item.type) {
    case 'agent_message':
      return isDone ? { is: 'message', text: textOf(item.text) } : { is: 'other' }
    case 'command_execution':
      return tool('shell', textOf(item.command))
    case 'file_change':
      return tool('edit', changesOf(item.changes))
    case 'mcp_tool_call':
      return tool(`${textOf(item.server)}.${textOf(item.tool)}`, '')
    case 'web_search':
      return tool('web-search', textOf(item.query))
    default:
      // An item of the kind `error` is a remark (a model it has no data on, a setting it does not know), not a failure.
      return { is: 'other' }
  }
}

const changesOf = (changes: unknown): string =>
  Array.isArray(changes) ? changes.map((change) => textOf(fieldsOf(change).path)).join(', ') : ''

const count = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined

function usageOf(usage: Fields): CodexUsage {
  const [input, cached] = [count(usage.input_tokens), count(usage.cached_input_tokens)]
  const [cacheWrite, output] = [count(usage.cache_write_input_tokens), count(usage.output_tokens)]
  return {
    ...(input === undefined ? {} : { input }),
    ...(cached === undefined ? {} : { cached }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(output === undefined ? {} : { output }),
  }
}
