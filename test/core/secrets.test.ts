import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createSecretFinder } from '#core/secrets.ts'
import { privateKey, TOKENS } from './support/tokens.ts'

const kindsIn = (text: string, known: readonly string[] = []): readonly string[] => [
  ...new Set(
    createSecretFinder(known)
      .spans(text)
      .map(({ kind }) => kind),
  ),
]

describe('a token that tells what it is', () => {
  for (const [kind, token, before = ''] of TOKENS)
    it(`is found: ${kind}${before && ` after ${before}`}`, () => {
      for (const [left, right] of [
        ['', ''],
        ['x = "', '";'],
        ['out:\\n', '\\n'],
        ['a\n', '\nb'],
      ] as const) {
        const text = `${left}${before}${token}${right}`
        const [span, ...more] = createSecretFinder([]).spans(text)
        assert.deepEqual(more, [])
        assert.equal(span?.kind, kind, text)
        assert.ok(text.slice(span.start, span.end).endsWith(token.slice(-8)))
        assert.ok(span.start <= text.indexOf(token))
      }
    })

  it('is a private key with its content, whatever its lines end in', () => {
    for (const newline of ['\n', '\r\n', '\\n', '\\\\n', '",\n  "']) {
      const text = `before ${privateKey(newline)} after`
      const [span] = createSecretFinder([]).spans(text)
      assert.equal(span?.kind, 'a private key')
      assert.equal(text.slice(0, span.start) + text.slice(span.end), 'before  after')
    }
    const cut = privateKey().slice(0, 90)
    assert.deepEqual(kindsIn(cut), ['a private key'])
  })
})

describe('what only looks like a secret is left alone', () => {
  const dashes = '-'.repeat(5)
  const innocent: readonly (readonly [what: string, text: string])[] = [
    ['the name of a commit', 'merge 0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c'],
    [
      'a digest in a lockfile',
      '"integrity": "sha512-aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zCaB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zC=="',
    ],
    ['the key of the documentation', 'AKIAIOSFODNN7EXAMPLE'],
    ['the secret of the documentation', 'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
    ['a place for a token', `ghp_${'x'.repeat(36)} AKIA${'X'.repeat(16)} npm_${'0'.repeat(36)}`],
    ['a program that reads keys', `if (text.startsWith('${dashes}BEGIN PRIVATE KEY${dashes}')) return parse(text)`],
    [
      'a program that writes keys',
      `\`${dashes}BEGIN PRIVATE KEY${dashes}\\n\${body}\\n${dashes}END PRIVATE KEY${dashes}\``,
    ],
    ['a public key', privateKey().replaceAll('RSA PRIVATE', 'PUBLIC')],
    ['a test key of Stripe', `sk_test_${'aB3dE5gH7jK9mN1pQ2rS4tU6'}`],
    ['words', 'the password is in the vault, the token=secret of sk-learn'],
    ['a data address', `data:image/png;base64,${'iVBORw0KGgoAAAANSUhEUgAAAAUA'.repeat(20)}`],
    ['one part of a signed token', `eyJ${'aB3dE5gH7jK9mN1pQ2rS4tU6'}.txt`],
  ]
  for (const [what, text] of innocent) it(what, () => assert.deepEqual(kindsIn(text), []))
})

describe('a value that we know', () => {
  const known = 'pässw0rd/with "quotes" & more'
  it('is found as it is, in JSON, in an address and in base64, wherever it begins there', () => {
    const forms = [known, JSON.stringify(known), encodeURIComponent(known)]
    for (const user of ['', 'a', 'ab', 'abc', 'abcd'])
      forms.push(Buffer.from(`${user}${known}:rest`).toString('base64'))
    for (const form of forms) assert.deepEqual(kindsIn(`x ${form} y`, [known]), ['a secret of this installation'], form)
  })

  it('is found by each of its lines', () => {
    const [, second = ''] = 'first line\nsecond line\n3'.split('\n')
    assert.deepEqual(kindsIn(`- ${second}`, ['first line\nsecond line\n3']), ['a secret of this installation'])
  })

  it('is found at each place where it begins, also within itself', () =>
    assert.deepEqual(
      createSecretFinder(['abcabcabc'])
        .spans('-abcabcabcabc')
        .map(({ start, end }) => [start, end]),
      [
        [1, 10],
        [4, 13],
      ],
    ))

  it('is not looked for when it is so short that words contain it', () =>
    assert.deepEqual(kindsIn('a secret', ['secret', '', '\n\n', 'a\nb']), []))
})

it('says the same of a place, whatever stands far before and far behind', () => {
  const { reach, behind } = createSecretFinder([])
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(
        ...TOKENS.map(([, token, before = '']) => before + token),
        privateKey('\\n'),
        ' ',
        '-',
        '\\n',
        '=',
      ),
      fc.string({ unit: 'grapheme-ascii', maxLength: 20 }),
    ),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(pieces, pieces, pieces, (before, middle, after) => {
      const finder = createSecretFinder([])
      const far = ' '.repeat(behind)
      const text = middle.join('')
      const near = finder.spans(far + text + ' '.repeat(reach)).map(({ start, end }) => [start, end])
      const whole = finder
        .spans(before.join('') + far + text + ' '.repeat(reach) + after.join(''))
        .map(({ start, end }) => [start - before.join('').length, end - before.join('').length])
        .filter(([start = 0]) => start >= far.length && start < far.length + text.length)
      assert.deepEqual(whole, near)
    }),
    { numRuns: 200 },
  )
})

it('takes time in proportion to the text, also when that is made to be slow', () => {
  const { spans } = createSecretFinder(['known-secret-value'])
  const timeOf = (piece: string): number => {
    const text = piece.repeat(Math.ceil(400_000 / piece.length))
    const times = [1, 2, 3].map(() => {
      const began = performance.now()
      spans(text)
      return performance.now() - began
    })
    return Math.min(...times)
  }
  const ordinary = timeOf('some words of an ordinary log: 17 files, src/core/a.ts\n')
  for (const piece of [
    'eyJ',
    `eyJ${'a'.repeat(20)}.`,
    ...TOKENS.map(([, token, before = '']) => before + token.slice(0, -9)),
    privateKey().slice(0, 100),
    `${'-'.repeat(5)}BEGIN PRIVATE KEY${'-'.repeat(5)}`,
    '-',
    '0',
    'a',
  ])
    assert.ok(timeOf(piece) < 24 * ordinary, `${piece.slice(0, 30)}: ${timeOf(piece)} ms, and ${ordinary} ms otherwise`)
})
