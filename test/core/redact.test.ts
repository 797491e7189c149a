import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createRedactor, redact } from '#core/redact.ts'
import { createSecretFinder } from '#core/secrets.ts'
import { privateKey, TOKENS } from './support/tokens.ts'

const KNOWN = ['hunter2hunter2', 'abcabcabcabc', 'bcabcabcabcX', 'p4ss"w0rd\\x', 'line one of it\nline two of it']

/** The text through a redactor, cut at the given places. */
const inPieces = (text: string, cuts: readonly number[]): string => {
  const redactor = createRedactor(KNOWN)
  const places = [...cuts.map((cut) => Math.round(cut * text.length)), text.length].toSorted((a, b) => a - b)
  let at = 0
  let out = ''
  for (const place of places) {
    out += redactor.push(text.slice(at, place))
    at = place
  }
  return out + redactor.end()
}

/** Spaces around: a token may be told from a longer word by what follows it. */
const secret = fc
  .constantFrom(
    ...TOKENS.map(([, token, before = '']) => before + token),
    ...KNOWN,
    ...KNOWN.map((value) => JSON.stringify(value)),
    `\n${privateKey()}\n`,
    privateKey('\\n'),
  )
  .map((text) => ` ${text} `)
const filler = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom('\n', '\r\n', ' ', 'abc', '-----', 'eyJ', '\\n', 'MIIEvQIBADANBgkqhkiG9w0B\n', '"'),
)
/** Pieces of a line in which every place is in or next to a secret, and secrets run into each other. */
const dense = fc.array(
  fc.oneof(
    fc.constantFrom(
      ...TOKENS.map(([, token, before = '']) => ` ${before}${token} `),
      privateKey('\\n'),
      ...KNOWN.slice(0, 4),
    ),
    // Not tokens, as long as one sees what stands before and behind.
    fc.constantFrom(`Z${TOKENS[0]?.[1]} `.repeat(20), `${TOKENS[0]?.[1]}z`.repeat(20)),
    fc.constantFrom(`gl${'pat-'}`.repeat(30), 'abc'.repeat(40), 'eyJ', ' plain words ', '"', '='),
  ),
  { minLength: 5, maxLength: 40 },
)
/** By the finder alone: the line as a whole, what overlaps or touches as one. */
const expected = (line: string): string => {
  let [out, at, covered] = ['', 0, -1]
  for (const { start, end, kind } of createSecretFinder(KNOWN).spans(line)) {
    if (start > covered) out += `${line.slice(at, start)}[redacted: ${kind}]`
    covered = Math.max(covered, end)
    at = covered
  }
  return out + line.slice(at)
}
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })

describe('redaction', () => {
  it('gives the same however the text was cut, and lets no secret through', () => {
    const pieces = fc.array(fc.oneof({ weight: 5, arbitrary: filler }, { weight: 4, arbitrary: secret }), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(pieces, cuts, (all, where) => {
        const text = all.join('')
        const whole = redact(text, KNOWN)
        assert.equal(inPieces(text, where), whole)
        for (const value of KNOWN.flatMap((known) => known.split('\n'))) assert.ok(!whole.includes(value), value)
        for (const [kind, token] of TOKENS) assert.ok(!whole.includes(token), kind)
        assert.doesNotMatch(whole, /a1b2/)
      }),
      { numRuns: 1_000 },
    )
  })

  it('does so also in lines that are longer than what it holds back', () => {
    const { reach } = createSecretFinder(KNOWN)
    fc.assert(
      fc.property(
        dense,
        fc.integer({ min: 1, max: 3_000 }),
        fc.integer({ min: 200, max: 9_000 }),
        (all, offset, step) => {
          const piece = all.join('')
          const line = '~'.repeat(offset) + piece.repeat(Math.ceil((3 * reach) / piece.length))
          const steps = Array.from({ length: Math.floor(line.length / step) }, (_, i) => ((i + 1) * step) / line.length)
          const whole = expected(line)
          assert.equal(inPieces(line, steps), whole)
          assert.equal(redact(line, KNOWN), whole)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('changes nothing where there is no secret', () => {
    const text = 'a line\r\n\n\ttab “quotes” 😀\nno newline at the end'
    assert.equal(redact(text, KNOWN), text)
    assert.equal(redact('', KNOWN), '')
  })

  it('says what was there, and leaves the rest of the line', () =>
    assert.equal(
      redact(`key=${TOKENS[0]?.[1]};\nvalue: hunter2hunter2!`, KNOWN),
      'key=[redacted: an AWS access key];\nvalue: [redacted: a secret of this installation]!',
    ))

  it('takes secrets that overlap or touch as one', () => {
    const one = '[redacted: a secret of this installation]'
    assert.equal(redact('abcabcabcabcX', KNOWN), one)
    assert.equal(redact('hunter2hunter2hunter2hunter2', KNOWN), one)
    assert.equal(redact('hunter2hunter2 hunter2hunter2', KNOWN), `${one} ${one}`)
  })

  it('takes out a private key line by line, also numbered and indented, and knows where it ends', () => {
    const key = privateKey().split('\n')
    for (const before of ['', '    ', '+', '> ', '12:', ' 3\t']) {
      const out = redact(`${key.map((line) => before + line).join('\n')}\nDone: all is well\nabcd\n`, [])
      assert.doesNotMatch(out, /MIIE|a1b2/)
      assert.match(out, /BEGIN RSA PRIVATE KEY-----\n(\[redacted: a private key\]\n){3}.*END RSA PRIVATE KEY/)
      assert.ok(out.endsWith('\nDone: all is well\nabcd\n'))
    }
  })

  it('tells a line as soon as it ends, and holds back no more than a bound of an endless one', () => {
    const redactor = createRedactor(KNOWN)
    assert.equal(redactor.push('first\nsec'), 'first\n')
    assert.equal(redactor.push('ond\n'), 'second\n')
    let told = 0
    for (let given = 0; given < 2_000_000; given += 1_000) {
      told += redactor.push('x'.repeat(1_000)).length
      assert.ok(given + 1_000 - told <= 32_000)
    }
  })
})
