import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readFrontMatter, stampFrontMatter } from '../../src/engine/front-matter.ts'

const read = (text: string) => readFrontMatter(text)
const dataOf = (text: string) => {
  const found = readFrontMatter(text)
  assert.ok('data' in found, 'problem' in found ? found.problem : '')
  return found.data
}

describe('front matter', () => {
  it('is what stands between two lines of dashes at the very top; the rest is prose', () => {
    assert.deepEqual(read('---\nverdict: APPROVED\nlist: [a, b]\n---\n\nProse.\n---\nmore\n'), {
      data: { verdict: 'APPROVED', list: ['a', 'b'] },
      body: '\nProse.\n---\nmore\n',
    })
  })

  it('is read with a byte order mark, with lines as Windows ends them, and with spaces after the dashes', () => {
    assert.deepEqual(read('\uFEFF--- \r\na: 1\r\nb: two\r\n---\t\r\nProse.\r\n'), {
      data: { a: 1, b: 'two' },
      body: 'Prose.\n',
    })
  })

  it('reads YAML 1.2: no is a word, and a date is text', () => {
    assert.deepEqual(dataOf('---\na: no\nb: 2030-01-07\nc: 0o17\nd: ~\ne: true\n---\n'), {
      a: 'no',
      b: '2030-01-07',
      c: 15,
      d: null,
      e: true,
    })
  })

  const problems: readonly (readonly [story: string, text: string, problem: RegExp])[] = [
    ['there is none', 'Prose.', /^it does not begin with front matter \(a line `---`\)$/],
    ['the file is empty', '', /^it does not begin with front matter/],
    ['an empty line comes first', '\n---\na: 1\n---\n', /^it does not begin with front matter/],
    ['it is indented', ' ---\na: 1\n ---\n', /^it does not begin with front matter/],
    ['it never ends', '---\na: 1\n', /^its front matter has no closing `---` line$/],
    ['it is only one line of dashes', '---', /^its front matter has no closing `---` line$/],
    ['it is empty', '---\n---\n', /^its front matter is not a list of keys and values$/],
    ['it is a list', '---\n- a\n---\n', /^its front matter is not a list of keys and values$/],
    ['it is a text', '---\nAPPROVED\n---\n', /^its front matter is not a list of keys and values$/],
    [
      'a key is doubled',
      '---\nverdict: CHANGES_REQUESTED\nverdict: APPROVED\n---\n',
      /^its front matter is not valid YAML: Map keys must be unique/,
    ],
    ['a quoted key is doubled', '---\n"a": 1\na: 2\n---\n', /Map keys must be unique/],
    ['a key inside is doubled', '---\na: {b: 1, b: 2}\n---\n', /Map keys must be unique/],
    [
      'it uses an alias',
      '---\na: &x APPROVED\nverdict: *x\n---\n',
      /^its front matter uses YAML aliases, which are not read$/,
    ],
    ['it uses an alias of nothing', '---\nverdict: *x\n---\n', /aliases/],
    ['it is a bomb of aliases', `---\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n---\n`, /aliases/],
    [
      'a second document follows inside',
      '---\na: 1\n...\nb: 2\n---\n',
      /^its front matter is not valid YAML: Source contains multiple documents/,
    ],
    ['it is broken', '---\na: [1\n---\n', /^its front matter is not valid YAML: /],
    ['it is indented by tabs', '---\na:\n\tb: 1\n---\n', /^its front matter is not valid YAML: /],
    ['it is larger than 64 KiB', `---\na: ${'x'.repeat(64 * 1024)}\n---\n`, /^its front matter is larger than 64 KiB$/],
    ['it is nested without end', `---\na: ${'['.repeat(30_000)}\n---\n`, /^its front matter is not valid YAML: /],
  ]
  for (const [story, text, problem] of problems)
    it(`is a problem, and no guess, where ${story}`, () => {
      const found = read(text)
      assert.ok('problem' in found)
      assert.match(found.problem, problem)
      assert.doesNotMatch(found.problem, /\n/)
    })

  it('may be as large as 64 KiB', () => {
    assert.equal(String(dataOf(`---\na: ${'x'.repeat(64 * 1024 - 3)}\n---\n`).a).length, 64 * 1024 - 3)
  })

  it('keeps a key named like a part of every object to itself', () => {
    const data = dataOf('---\n__proto__: {verdict: APPROVED}\n---\n')
    assert.equal(data.verdict, undefined)
    assert.equal(({} as Record<string, unknown>).verdict, undefined)
  })

  it('is read from any text without an error', () => {
    const pieces = fc.constantFrom(
      '---',
      '\n',
      '\r\n',
      ':',
      ' ',
      '- ',
      '&x',
      '*x',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '|',
      '>',
      '#',
      '!',
      '?',
      '%',
      '\t',
      'a',
      '\uFEFF',
      '\u0000',
    )
    const yaml = fc.array(fc.oneof(pieces, fc.string())).map((all) => all.join(''))
    const any = fc.oneof(
      fc.string({ unit: 'binary' }),
      yaml,
      yaml.map((text) => `---\n${text}\n---\n`),
    )
    fc.assert(
      fc.property(any, (text) => {
        const found = read(text)
        assert.ok('problem' in found ? found.problem !== '' : typeof found.body === 'string')
        assert.equal(typeof stampFrontMatter(text, { staging_status: 'SUCCESS' }), 'string')
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('keys that Orch stamps', () => {
  it('are set, whatever the document said there; its other keys and its prose stay', () => {
    assert.equal(
      stampFrontMatter('---\nsummary: fine\nstaging_status: SUCCESS\n---\n\n# Report\n\nAll went well.\n\n', {
        staging_status: 'FAILED',
        reason: 'a probe is red: /health',
      }),
      '---\nsummary: fine\nstaging_status: FAILED\nreason: "a probe is red: /health"\n---\n\n# Report\n\nAll went well.\n',
    )
  })

  it('make a document of their own where there is none', () => {
    assert.equal(stampFrontMatter(null, { deploy_status: 'SUCCESS' }), '---\ndeploy_status: SUCCESS\n---\n')
  })

  it('go before what has no readable front matter, and that stays as prose', () => {
    const broken = '---\nstaging_status: SUCCESS\nstaging_status: SUCCESS\n---\nProse.'
    const stamped = stampFrontMatter(broken, { staging_status: 'FAILED' })
    assert.deepEqual(read(stamped), { data: { staging_status: 'FAILED' }, body: `\n${broken}\n` })
  })

  it('are read back exactly, with every other key, whatever their texts are', () => {
    const key = fc.stringMatching(/^[a-z][a-z_]{0,12}$/).filter((name) => name !== '__proto__')
    const nasty = fc.constantFrom(
      '---',
      'a\n---\nb',
      'null',
      'true',
      '1e3',
      '0x1',
      '~',
      '',
      ' a ',
      '# a',
      '- a',
      '*x',
      '&x',
      '!x',
      'a: b',
      '"',
      "'",
      '%',
      '@',
      '`',
      'x'.repeat(200),
      'a b '.repeat(60),
      '\ttab',
      'é😀',
      'a\n\n\nb\n',
      '|',
      '>',
    )
    const value = fc.oneof(nasty, fc.string(), fc.string({ unit: 'grapheme' }))
    const texts = fc.dictionary(key, value)
    const other = fc.dictionary(key, fc.oneof(value, fc.integer(), fc.boolean(), fc.constant(null), fc.array(value)))
    fc.assert(
      fc.property(other, texts, fc.constantFrom('', 'Prose.', '---\nmore\n---', '# A\n\ntext'), (data, keys, prose) => {
        const first = stampFrontMatter(prose === '' ? null : `---\nstart: 1\n---\n${prose}`, data)
        const found = read(stampFrontMatter(first, keys))
        assert.ok('data' in found, JSON.stringify(found))
        const start = prose === '' ? {} : { start: 1 }
        assert.deepEqual({ ...found.data }, { ...start, ...data, ...keys })
        assert.equal(found.body.trim(), prose)
      }),
      { numRuns: 500 },
    )
  })

  it('stamped twice are stamped once', () => {
    const once = stampFrontMatter('---\na: 1\n---\nProse.\n', { b: 'x' })
    assert.equal(stampFrontMatter(once, { b: 'x' }), once)
  })
})
