/** Shapes of Anthropic's Messages API, as far as a coding agent uses it: platform.claude.com/docs/en/api/messages. */

export interface MessagesBody {
  readonly model?: string
  readonly system?: string | readonly { readonly text?: string }[]
  readonly messages?: readonly Message[]
  readonly tools?: readonly { readonly name?: string }[]
  readonly stream?: boolean
  readonly max_tokens?: number
  readonly output_config?: { readonly effort?: string }
}
export interface Message {
  readonly role: string
  readonly content: string | readonly Content[]
}
export interface Content {
  readonly type: string
  readonly text?: string
  readonly id?: string
  readonly name?: string
  readonly input?: unknown
  readonly tool_use_id?: string
  readonly content?: string | readonly Content[]
  readonly is_error?: boolean
}

/** Tokens in disjoint classes, as an answer tells them. */
export interface Tokens {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
}
export const TOKENS: Tokens = { input: 100, output: 20, cacheRead: 3_000, cacheWrite: 500 }

export type Block =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'call'; readonly name: string; readonly input: object }

/** What the model does next. */
export type Answer =
  | {
      readonly is: 'message'
      readonly blocks: readonly Block[]
      readonly tokens?: Tokens
      readonly stop?: string
      /** Pause before each delta, milliseconds. */
      readonly deltaMs?: number
    }
  /** An HTTP error in the API's own form, or with a body of its own. */
  | {
      readonly is: 'status'
      readonly status: number
      readonly message?: string
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
    }
  /** A stream that begins as it should and ends in the middle of an event. */
  | { readonly is: 'cut'; readonly text: string }
  /** The provider's own way to fail in the middle of a stream. */
  | { readonly is: 'stream-error'; readonly type: string; readonly message: string }
  /** A stream that begins, and then nothing; the connection stays. */
  | { readonly is: 'silence' }
  /** The connection ends before an answer. */
  | { readonly is: 'reset' }
  /** 200 and a body that is no stream of events at all. */
  | { readonly is: 'garbage'; readonly body: string }

export const says = (text: string, tokens?: Tokens): Answer => ({
  is: 'message',
  blocks: [{ is: 'text', text }],
  ...(tokens && { tokens }),
})

/** A word about it, and the call. */
export const calls = (name: string, input: object, tokens?: Tokens): Answer => ({
  is: 'message',
  blocks: [
    { is: 'text', text: `Now ${name}.` },
    { is: 'call', name, input },
  ],
  ...(tokens && { tokens }),
})

export const bash = (command: string): Answer => calls('Bash', { command, description: 'Work on the task' })

export const textsOf = (content: string | readonly Content[] | undefined): string[] =>
  content === undefined
    ? []
    : typeof content === 'string'
      ? [content]
      : content.flatMap(({ type, text }) => (type === 'text' && text !== undefined ? [text] : []))
