/** What a sentence of the CLI means. The sentences are what codex 0.169 said to each status of the model server. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { classify, type Known, NOTHING_KNOWN } from '../../../src/adapters/codex/classify.ts'
import { limitEnd, waitIn } from '../../../src/adapters/codex/waits.ts'

const NOON = Date.UTC(2026, 10, 22, 12, 0)
const kindOf = (message: string, known: Known = NOTHING_KNOWN) => {
  const failure = classify(message, known, NOON)
  return failure === null ? null : `${failure.code} ${failure.class}`
}

describe('a failure', () => {
  const sentences: readonly (readonly [sentence: string, kind: string | null])[] = [
    ['exceeded retry limit, last status: 429 Too Many Requests', 'rate-limit transient'],
    ['Reconnecting... 1/2 (exceeded retry limit, last status: 429 Too Many Requests)', 'rate-limit transient'],
    ['rate limit exceeded: Rate limit reached. Please try again in 1.5s.', 'rate-limit transient'],
    ['unexpected status 529 <unknown status code>: x, url: http://127.0.0.1:1/v1/responses', 'overloaded transient'],
    ['Selected model is at capacity. Please try a different model.', 'overloaded transient'],
    ['We’re currently experiencing high demand, which may cause temporary errors.', 'server transient'],
    ['unexpected status 503 Service Unavailable: x', 'server transient'],
    ['unexpected status 401 Unauthorized: Incorrect API key provided: sk-x, url: http://x/', 'auth transient'],
    ['unexpected status 403 Forbidden: x', 'auth transient'],
    ['Quota exceeded. Check your plan and billing details.', 'auth transient'],
    ['Missing environment variable: `CODEX_API_KEY`.', 'auth transient'],
    ['Your access token could not be refreshed. Please log out and sign in again.', 'auth transient'],
    ['You’ve hit your usage limit. Upgrade to Pro or try again at 9:57 PM.', 'usage-limit transient'],
    ['stream disconnected before completion: idle timeout waiting for SSE', 'network transient'],
    [
      'stream disconnected before completion: Transport error: network error: error decoding response body',
      'network transient',
    ],
    ['Connection failed: error sending request', 'network transient'],
    ['Reconnecting... waiting for network (Connection failed: error sending request)', 'network transient'],
    [
      "Codex ran out of room in the model's context window. Start a new thread or clear earlier history before retrying.",
      'context-too-long permanent',
    ],
    ['unexpected status 413 Payload Too Large: x', 'context-too-long permanent'],
    ['The model `x` does not exist or you do not have access to it.', 'model permanent'],
    ['{"error":{"message":"bad thing","type":"invalid_request_error"}}', 'refused permanent'],
    ['unexpected status 400 Bad Request: the model is overloaded with instructions', 'refused permanent'],
    ['something nobody has heard before', null],
    ['', null],
  ]
  for (const [sentence, kind] of sentences) it(`${kind}: ${sentence}`, () => assert.equal(kindOf(sentence), kind))

  it('is the network’s where the gateway could not reach the provider', () => {
    const known = {
      lastStatus: null,
      retryAfterMs: null,
      trouble: 'the provider could not be reached: connection refused',
    }
    const failure = classify('unexpected status 502 Bad Gateway: x', known, NOON)
    assert.equal(failure?.code, 'network')
    assert.match(failure?.sentence ?? '', /connection refused/)
  })
  it('of which the sentence tells nothing is told by the last status that the gateway saw', () => {
    assert.equal(kindOf('flagged', { ...NOTHING_KNOWN, lastStatus: 400 }), 'refused permanent')
    assert.equal(kindOf('strange', { ...NOTHING_KNOWN, lastStatus: 200 }), null)
  })
  it('keeps the wait that was asked for: the gateway’s before the sentence’s, and none where waiting mends nothing', () => {
    const wait = (sentence: string, retryAfterMs: number | null = null) =>
      classify(sentence, { ...NOTHING_KNOWN, retryAfterMs }, NOON)?.retryAfterMs
    assert.equal(wait('rate limit exceeded: try again in 1.5s.'), 1500)
    assert.equal(wait('rate limit exceeded: try again in 1.5s.', 90_000), 90_000)
    assert.equal(wait('exceeded retry limit, last status: 429 Too Many Requests'), undefined)
    assert.equal(wait('unexpected status 401 Unauthorized: x', 90_000), undefined)
  })
  it('of an account’s limit knows its end', () => {
    assert.equal(
      classify('You’ve hit your usage limit. Try again at 9:57 PM.', NOTHING_KNOWN, NOON)?.until,
      Date.UTC(2026, 10, 22, 21, 57),
    )
  })
  it('shows one short line, without addresses and without a piece of a key', () => {
    const sentence =
      classify(
        `unexpected status 401 Unauthorized: Incorrect API key provided: sk-abc*def-12,\n url: http://127.0.0.1:7/v1 ${'x'.repeat(999)}`,
        NOTHING_KNOWN,
        NOON,
      )?.sentence ?? ''
    assert.doesNotMatch(sentence, /abc|def|\n/)
    assert.ok(sentence.length < 400)
  })
})

describe('a time in a sentence', () => {
  const waits: readonly (readonly [string, number | null])[] = [
    ['Please try again in 20ms.', 20],
    ['Please try again in 1.5s.', 1500],
    ['Please try again in 6m0s.', 360_000],
    ['try again in 3 days 2 hours 5 minutes.', 266_700_000],
    ['try again later', null],
  ]
  for (const [text, ms] of waits) it(`${text} is ${ms}`, () => assert.equal(waitIn(text), ms))

  const ends: readonly (readonly [string, number | null])[] = [
    ['try again at 9:57 PM.', Date.UTC(2026, 10, 22, 21, 57)],
    ['try again at 12:00 PM.', NOON],
    ['try again at 9:57 AM.', Date.UTC(2026, 10, 23, 9, 57)],
    ['try again at 12:30 AM.', Date.UTC(2026, 10, 23, 0, 30)],
    ['try again at Dec 3rd, 2026 9:05 PM.', Date.UTC(2026, 11, 3, 21, 5)],
    ['try again in 2 hours.', NOON + 7_200_000],
    ['try again at some time', null],
    ['purchase more credits', null],
  ]
  for (const [text, at] of ends) it(`${text} is ${at}`, () => assert.equal(limitEnd(text, NOON), at))
})
