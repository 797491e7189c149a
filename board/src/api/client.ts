import type { ProblemView } from '../../../src/core/view.ts'
import { Problem } from './problem.ts'

const ANSWER_WITHIN_MS = 20_000

export interface Client {
  /** @throws {Problem} on every answer but 2xx, and when none comes within 20 s. */
  readonly get: <T>(path: string, signal?: AbortSignal) => Promise<T>
  /** As `get`, for an answer that is plain text. */
  readonly text: (path: string, signal?: AbortSignal) => Promise<string>
  /** `T` is `undefined` for an answer without a body (204). */
  readonly post: <T>(path: string, body: object) => Promise<T>
}

interface Outside {
  readonly fetch: typeof fetch
  /** Told the server's clock (ms since the epoch) with each answer that carries one. */
  readonly sawServerTime: (at: number) => void
}

export function createClient({ fetch, sawServerTime }: Outside): Client {
  const send = async (path: string, init: RequestInit, signal?: AbortSignal): Promise<Response> => {
    const timeout = AbortSignal.timeout(ANSWER_WITHIN_MS)
    const answer = await fetch(path, {
      credentials: 'same-origin',
      cache: 'no-store',
      ...init,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    }).catch((error: unknown) => {
      if (signal?.aborted) throw error
      throw new Problem(0, unreached(timeout.aborted))
    })
    const date = Date.parse(answer.headers.get('date') ?? '')
    if (!Number.isNaN(date)) sawServerTime(date)
    if (!answer.ok) throw new Problem(answer.status, await sentence(answer))
    return answer
  }
  const json = { accept: 'application/json' }
  return {
    get: async <T>(path: string, signal?: AbortSignal) => read<T>(await send(path, { headers: json }, signal)),
    text: async (path, signal) => (await send(path, { headers: { accept: 'text/plain' } }, signal)).text(),
    post: async <T>(path: string, body: object) =>
      read<T>(
        await send(path, {
          method: 'POST',
          headers: { ...json, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      ),
  }
}

const unreached = (timedOut: boolean): string =>
  timedOut
    ? 'Orch did not answer within 20 seconds; look at what is shown now before trying again.'
    : 'Orch cannot be reached; check that `orch up` is running, then try again.'

async function read<T>(answer: Response): Promise<T> {
  if (answer.status === 204) return undefined as T
  if (isJson(answer)) return (await answer.json()) as T
  throw new Problem(0, 'Something other than Orch answered here; check the address of this page.')
}

async function sentence(answer: Response): Promise<string> {
  const body: Partial<ProblemView> | null = isJson(answer) ? await answer.json().catch(() => null) : null
  if (typeof body?.error === 'string' && body.error !== '') return body.error
  return `Orch answered ${answer.status}${answer.statusText ? ` (${answer.statusText})` : ''} without saying why.`
}

const isJson = (answer: Response): boolean => (answer.headers.get('content-type') ?? '').includes('application/json')
