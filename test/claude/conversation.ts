/** What a request tells about its conversation: all that a script may decide by. */
import { type Message, type MessagesBody, textsOf } from './messages.ts'

export interface Conversation {
  readonly model: string
  readonly effort: string | null
  readonly system: string
  /** Texts of the user, in order, without the agent's own reminders. */
  readonly told: readonly string[]
  /** What the agent itself tells the model beside them. */
  readonly reminders: string
  /** The folder that the agent works in, as it tells the model; empty where it does not. */
  readonly cwd: string
  /** Finished calls, in order. */
  readonly calls: readonly Call[]
  /** What the model has said so far. */
  readonly said: readonly string[]
  readonly tools: readonly string[]
  /** From 1 on: how often the very same state of this conversation was asked about. */
  readonly attempt: number
}
export interface Call {
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
  readonly result: string
  readonly isError: boolean
}

export function conversationOf(body: MessagesBody, attempt: number): Conversation {
  const messages = body.messages ?? []
  const contents = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content))
  const results = new Map(contents.filter((one) => one.type === 'tool_result').map((one) => [one.tool_use_id, one]))
  const users = messages.filter(({ role }) => role !== 'assistant').flatMap(({ content }) => textsOf(content))
  const system = systemOf(body)
  const reminders = users.filter((text) => text.startsWith(REMINDER)).join('\n')
  return {
    model: body.model ?? '',
    effort: body.output_config?.effort ?? null,
    system,
    told: users.filter((text) => !text.startsWith(REMINDER)),
    reminders,
    cwd: CWD.exec(reminders)?.[1] ?? CWD.exec(system)?.[1] ?? '',
    said: messages.filter(({ role }) => role === 'assistant').flatMap(({ content }) => textsOf(content)),
    calls: contents.flatMap((one) => {
      const result = one.type === 'tool_use' ? results.get(one.id) : undefined
      if (result === undefined) return []
      return [
        {
          name: one.name ?? '',
          input: (one.input ?? {}) as Readonly<Record<string, unknown>>,
          result: withoutReminders(textsOf(result.content).join('\n')),
          isError: result.is_error === true,
        },
      ]
    }),
    tools: (body.tools ?? []).map(({ name }) => name ?? ''),
    attempt,
  }
}

const CWD = /working directory: (\/\S+)/
const REMINDER = '<system-reminder>'
const withoutReminders = (text: string): string =>
  text.replace(/\s*<system-reminder>[\s\S]*?<\/system-reminder>\s*/g, '')

const systemOf = ({ system }: MessagesBody): string =>
  typeof system === 'string' ? system : (system ?? []).map(({ text }) => text ?? '').join('\n')

/** The sentence with which the real API refuses such a request, or null where it would take it. */
export function refusalOf(body: MessagesBody): string | null {
  const { messages, model, max_tokens: most } = body
  if (typeof model !== 'string' || model === '') return 'model: Field required'
  if (typeof most !== 'number' || most < 1) return 'max_tokens: Field required'
  if (!Array.isArray(messages) || messages.length === 0) return 'messages: at least one message is required'
  return (
    messages.map((message, at) => refusalOfMessage(message, at, messages[at - 1])).find((it) => it !== null) ?? null
  )
}

/** Each call of a tool must be answered in the very next message, and nothing else may be. */
function refusalOfMessage(message: Message, at: number, before: Message | undefined): string | null {
  if (!['user', 'assistant', 'system'].includes(message.role))
    return `messages.${at}.role: Input should be 'user' or 'assistant'`
  if (at === 0 && message.role === 'assistant') return 'messages: first message must use the "user" role'
  const called = idsIn(before?.role === 'assistant' ? before.content : [], 'tool_use', 'id')
  const answered = idsIn(message.role === 'user' ? message.content : [], 'tool_result', 'tool_use_id')
  const open = called.find((id) => !answered.includes(id))
  if (open !== undefined)
    return `messages.${at - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open}`
  const extra = answered.find((id) => !called.includes(id))
  return extra === undefined
    ? null
    : `messages.${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${extra}`
}

const idsIn = (content: Message['content'], type: string, key: 'id' | 'tool_use_id'): string[] =>
  typeof content === 'string' ? [] : content.flatMap((one) => (one.type === type ? [one[key] ?? ''] : []))
