/** Speaks Orch's HTTP API. Whatever goes wrong is one sentence with the next step. */
import { sentenceOf, UserError } from '#core/errors.ts'
import { NOT_RUNNING, type Server } from './server.ts'
import type { Shell } from './shell.ts'
import { readEvents, type SseEvent } from './sse.ts'
import { plain } from './text.ts'

export interface Client {
  /** Address of the server, without a slash at its end. */
  readonly url: string
  get<T>(path: string): Promise<T>
  /** A write: needs the token, and carries a request id by which a repetition is recognised. */
  post<T>(path: string, body: Readonly<Record<string, unknown>>): Promise<T>
  /** A stream of server-sent events, until it ends or `signal` aborts. */
  events(path: string, signal: AbortSignal): AsyncGenerator<SseEvent>
}

const ANSWER_MS = 30_000

/** @param server where, and with which token. */
export function createClient(server: Server, { fetch, uuid }: Pick<Shell, 'fetch' | 'uuid'>): Client {
  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    try {
      return await fetch(`${server.url}${path}`, { redirect: 'manual', ...init })
    } catch (thrown) {
      throw new UserError(unreachable(server, thrown, init.method === 'POST'))
    }
  }
  const read = async <T>(response: Response): Promise<T> => {
    const text = await response.text().catch((thrown: unknown) => {
      throw new UserError(`Orch at ${server.url} broke off its answer (${plain(sentenceOf(thrown), 100)}); try again.`)
    })
    const isJson = /^application\/json\b/.test(response.headers.get('content-type') ?? '')
    const body = isJson ? parsed(text) : undefined
    if (response.ok && typeof body === 'object' && body !== null) return body as T
    throw new UserError(refusal(server, response.status, body))
  }
  // Reading goes without a token where there is none to be had; the server decides whether that is enough.
  const readHeaders = (): Record<string, string> => {
    try {
      return bearer(server.token())
    } catch {
      return {}
    }
  }
  return {
    url: server.url,
    get: async (path) => read(await ask(path, { headers: readHeaders(), signal: AbortSignal.timeout(ANSWER_MS) })),
    async post(path, body) {
      const token = server.token()
      if (token === null) throw new UserError(noToken(server))
      return read(
        await ask(path, {
          method: 'POST',
          headers: { ...bearer(token), 'content-type': 'application/json' },
          body: JSON.stringify({ ...body, requestId: uuid() }),
          signal: AbortSignal.timeout(ANSWER_MS),
        }),
      )
    },
    async *events(path, signal) {
      const response = await ask(path, { headers: { ...readHeaders(), accept: 'text/event-stream' }, signal })
      const isStream = /^text\/event-stream\b/.test(response.headers.get('content-type') ?? '')
      if (!response.ok || !isStream || response.body === null) return await read<never>(response)
      yield* readEvents(response.body)
    },
  }
}

const bearer = (token: string | null): Record<string, string> =>
  token === null ? {} : { authorization: `Bearer ${token}` }

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const noToken = ({ url, announced }: Server): string =>
  announced
    ? 'The token in Orch’s data folder cannot be read by this user; run the command as the user that Orch runs as.'
    : `Writing to ${url} needs its token; set ORCH_TOKEN to what the file "token" in its data folder holds.`

function refusal({ url, announced }: Server, status: number, body: unknown): string {
  const said = (body as { error?: unknown } | null | undefined)?.error
  if (status === 401)
    return `Orch at ${url} does not accept this token; ${
      announced
        ? 'unset ORCH_TOKEN if it is set, or start Orch again'
        : 'set ORCH_TOKEN to what the file "token" in its data folder holds'
    }.`
  if (typeof said === 'string' && said !== '') return plain(said)
  return `What answers at ${url} is not Orch (HTTP ${status}); name the right address with --server.`
}

function unreachable({ url, announced }: Server, thrown: unknown, wasWrite: boolean): string {
  const { name, cause } = thrown as { name?: unknown; cause?: { code?: unknown; message?: unknown } }
  if (name === 'TimeoutError')
    return wasWrite
      ? `Orch at ${url} gave no answer in ${ANSWER_MS / 1000} seconds, so it is not known whether that was done; look with \`orch task show\` before you repeat it.`
      : `Orch at ${url} gave no answer in ${ANSWER_MS / 1000} seconds; look at its log.`
  const code = typeof cause?.code === 'string' ? cause.code : plain(sentenceOf(cause ?? thrown), 100)
  if (code === 'ECONNREFUSED')
    return announced
      ? NOT_RUNNING
      : `Nothing answers at ${url}; check the address, or start Orch there with \`orch up\`.`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `There is no machine by the name in ${url}; check the address.`
  return `Orch at ${url} could not be reached (${code}); check the address and the network.`
}
