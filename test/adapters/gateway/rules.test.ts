import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createAllowList, isPublic, placeOf } from '../../../src/adapters/gateway/egress.ts'
import { headersForHost, headersForModel, headersForRun } from '../../../src/adapters/gateway/headers.ts'
import { readRetryAfterMs } from '../../../src/adapters/gateway/retry-after.ts'

describe('the time that an answer asks to wait', () => {
  const now = Date.parse('2026-11-22T10:00:00Z')
  const inSeconds = (seconds: number) => String(now / 1000 + seconds)
  const cases: readonly (readonly [string, number, Record<string, string>, number | null])[] = [
    ['seconds', 429, { 'retry-after': '90' }, 90_000],
    ['a fraction of a second', 429, { 'retry-after': '0.25' }, 250],
    ['milliseconds, which are finer', 529, { 'retry-after-ms': '1500', 'retry-after': '2' }, 1500],
    ['a date', 503, { 'retry-after': 'Sun, 22 Nov 2026 10:02:00 GMT' }, 120_000],
    ['a date that has passed', 503, { 'retry-after': 'Sun, 22 Nov 2026 09:00:00 GMT' }, 0],
    ['the end of an account limit', 429, { 'anthropic-ratelimit-unified-reset': inSeconds(3600) }, 3_600_000],
    ['its own word before that', 429, { 'retry-after': '5', 'anthropic-ratelimit-unified-reset': inSeconds(60) }, 5000],
    ['no limit where it was not the limit', 500, { 'anthropic-ratelimit-unified-reset': inSeconds(60) }, null],
    ['nothing in an answer that does not refuse', 200, { 'retry-after': '9' }, null],
    ['nothing', 429, {}, null],
    ['nonsense', 429, { 'retry-after': 'soon' }, null],
    ['a negative number', 429, { 'retry-after': '-5' }, null],
    ['more than a number holds', 429, { 'retry-after': '9'.repeat(400) }, null],
  ]
  for (const [name, status, headers, ms] of cases)
    it(name, () => assert.equal(readRetryAfterMs(status, headers, now), ms))
})

describe('an address', () => {
  const open = '1.1.1.1 8.8.8.8 172.15.0.1 172.32.0.1 100.63.255.255 2606:4700::1111 2a00:1450:4001::1'
  const closed =
    '127.0.0.1 127.9.9.9 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 198.18.0.1 192.0.2.1 224.0.0.1 255.255.255.255 :: ::1 fe80::1 fc00::1 fd12::1 ff02::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::7f00:1 2002:7f00:1:: 2001::1 2001:db8::1 fec0::1 example.org 127.1'
  for (const address of open.split(' ')) it(`${address} is public`, () => assert.equal(isPublic(address), true))
  for (const address of closed.split(' ')) it(`${address} is not`, () => assert.equal(isPublic(address), false))
})

describe('a place', () => {
  const cases: readonly (readonly [string, string | null])[] = [
    ['Registry.Example.ORG:8443', 'registry.example.org 8443'],
    ['example.org.', 'example.org 443'],
    ['[::1]:80', '::1 80'],
    ['::1', '::1 443'],
    ['[0:0:0:0:0:0:0:1]:9', '::1 9'],
    ['0x7f.1', '127.0.0.1 443'],
    ['2130706433:443', '127.0.0.1 443'],
    ['bücher.example', 'xn--bcher-kva.example 443'],
    ['user@example.org', null],
    ['example.org/path', null],
    ['example.org:70000', null],
    ['example.org:443:443', null],
    ['exa mple.org', null],
    ['[example.org]', null],
    ['', null],
    [':443', null],
  ]
  for (const [text, expected] of cases)
    it(`${JSON.stringify(text)} is ${expected ?? 'none'}`, () => {
      const place = placeOf(text, 443)
      assert.equal(place === null ? null : `${place.host} ${place.port}`, expected)
    })
})

describe('a list of hosts', () => {
  const has = (entries: readonly string[], place: string) => createAllowList(entries, 443).has(placeOf(place, 443)!)
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['example.org', 'example.org:443', true],
    ['example.org', 'EXAMPLE.org.:443', true],
    ['example.org', 'example.org:8443', false],
    ['example.org', 'example.org:22', false],
    ['example.org', 'sub.example.org:443', false],
    ['example.org', 'notexample.org:443', false],
    ['example.org:8443', 'example.org:8443', true],
    ['example.org:8443', 'example.org:443', false],
    ['*.example.org', 'a.b.example.org:443', true],
    ['*.example.org', 'example.org:443', false],
    ['*.example.org', 'notexample.org:443', false],
    ['*.example.org', 'example.org.evil.example:443', false],
    ['*', 'example.org:443', false],
    ['*.0.0.1', '127.0.0.1:443', false],
    ['exam*.org', 'example.org:443', false],
    ['https://example.org', 'example.org:443', false],
    ['127.0.0.1:9', '127.0.0.1:9', true],
  ]
  for (const [entry, place, is] of cases)
    it(`${entry} has ${is ? '' : 'not '}${place}`, () => assert.equal(has([entry], place), is))

  const answers =
    (...addresses: string[]) =>
    async () =>
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  const allowed = async (entries: readonly string[], host: string, addresses: readonly string[]) =>
    (await createAllowList(entries, 443).addresses(host, answers(...addresses))).map(({ address }) => address)

  it('leaves of a name only the public addresses', async () => {
    const found = ['127.0.0.1', '1.1.1.1', '::1', '10.0.0.8', '169.254.169.254']
    assert.deepEqual(await allowed(['example.org'], 'example.org', found), ['1.1.1.1'])
  })
  it('and of those that are not, the ones it names itself', async () => {
    assert.deepEqual(await allowed(['example.org', '10.0.0.8'], 'example.org', ['10.0.0.7', '10.0.0.8']), ['10.0.0.8'])
    assert.deepEqual(await allowed(['example.org', '[0::1]:9'], 'example.org', ['::1']), ['::1'])
  })
  it('asks nobody about an address', async () => {
    assert.deepEqual(await allowed(['127.0.0.1'], '127.0.0.1', ['8.8.8.8']), ['127.0.0.1'])
    assert.deepEqual(await allowed([], '127.0.0.1', ['8.8.8.8']), [])
  })
})

describe('headers', () => {
  const raw = [
    ...['Host', 'inside', 'Connection', 'close, X-Hop', 'X-Hop', '1', 'Keep-Alive', '5', 'TE', 'trailers'],
    ...['Proxy-Authorization', 'Basic x', 'Transfer-Encoding', 'chunked', 'Upgrade', 'h2c', 'Expect', '100-continue'],
    ...['X-Api-Key', 'token', 'Authorization', 'Bearer token', 'Cookie', 'a=b', 'Accept-Encoding', 'gzip'],
    ...['X-Mine', 'the token is', 'Anthropic-Beta', 'a', 'anthropic-beta', 'b', 'Content-Length', '2'],
  ]
  it('reach the model with the key, and without hops, token, cookie, compression', () => {
    const credential = ['x-api-key', 'KEY'] as const
    assert.deepEqual(headersForModel(raw, { host: 'up:1', token: 'token', credential }), [
      ...['host', 'up:1', 'Anthropic-Beta', 'a', 'anthropic-beta', 'b', 'Content-Length', '2'],
      ...['accept-encoding', 'identity', 'x-api-key', 'KEY'],
    ])
  })
  it('reach another host as they are, but for hops and token', () => {
    assert.deepEqual(
      headersForHost(['A', '1', 'Cookie', 'a=b', 'Authorization', 'Bearer own', ...raw], 'up', 'token'),
      [
        ...['host', 'up', 'A', '1', 'Cookie', 'a=b', 'Authorization', 'Bearer own', 'Expect', '100-continue'],
        ...['Cookie', 'a=b', 'Accept-Encoding', 'gzip', 'Anthropic-Beta', 'a', 'anthropic-beta', 'b'],
        ...['Content-Length', '2'],
      ],
    )
  })
  it('come back without hops and cookies', () => {
    const answer = [
      'Set-Cookie',
      'a',
      'Connection',
      'x-one',
      'X-One',
      '1',
      'Retry-After',
      '9',
      'Transfer-Encoding',
      'x',
    ]
    assert.deepEqual(headersForRun(answer), ['Retry-After', '9'])
  })
})
