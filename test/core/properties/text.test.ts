/** Laws of everything that reads what people and agents wrote: comments and titles. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { commandIn } from '#core/comment-commands.ts'
import { UserError } from '#core/errors.ts'
import { artefactFolder, branchOf, checkTitle, oneLine, TITLE_MAX, taskKey } from '#core/naming.ts'

const WORDS = [':approved:', ':rework: why', ':stop:', ':retry:', ':answer: yes'] as const
const word = fc.constantFrom(...WORDS)
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.constantFrom(...WORDS, '\n', '\r\n', ' ', '\t', '`', '```', '> ', '“', 'ok', ':', '\u202e', '\u0000'))
    .map((all) => all.join('')),
)

describe('an order in a comment', () => {
  const table: readonly (readonly [string, unknown])[] = [
    [':approved:', { is: 'approved' }],
    [' \n\n:Approved: thanks!', { is: 'approved' }],
    [':stop:', { is: 'stop' }],
    [':STOP:\nnow', { is: 'stop' }],
    [':retry:', { is: 'retry' }],
    [':rework: names are unclear', { is: 'rework', why: 'names are unclear' }],
    [':rework:\nnames\nare unclear\n', { is: 'rework', why: 'names\nare unclear' }],
    [':rework:', { is: 'rework', why: 'no reason given' }],
    [':answer: blue', { is: 'answer', text: 'blue' }],
    [':answer:', null],
    [':answer:  \n', null],
    ['', null],
    ['approved', null],
    [':approve:', null],
    [': approved :', null],
    ['please :stop: this', null],
    ['Hello\n:stop:', null],
    ['> :approved:', null],
    ['`:approved:`', null],
    ['```\n:approved:\n```', null],
    ['":stop:"', null],
    ['- :stop:', null],
  ]
  for (const [comment, order] of table)
    it(`${JSON.stringify(comment)} is ${order === null ? 'none' : JSON.stringify(order)}`, () =>
      assert.deepEqual(commandIn(comment), order))

  it('is read from any text without an error, and is one of five', () => {
    fc.assert(
      fc.property(anyText, (comment) => {
        const order = commandIn(comment)
        if (order !== null) assert.match(comment.trimStart(), new RegExp(`^:${order.is}:`, 'i'))
        if (order?.is === 'answer') assert.notEqual(order.text, '')
      }),
      { numRuns: 500 },
    )
  })

  it('is not given by a word inside prose, a quotation or code', () => {
    const before = fc.oneof(
      fc.constantFrom('> ', '`', '```\n', '"', '“', '- ', '* ', '1. ', '| ', '<p>', '    - ', '~~~\n', 'Re: '),
      fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => /[^\s:]/.test(text) && !text.includes(':')),
    )
    fc.assert(
      fc.property(before, word, anyText, (prefix, order, after) => {
        assert.equal(commandIn(`${prefix}${order}${after}`), null)
        assert.equal(commandIn(`${prefix}\n${order}${after}`), null)
      }),
      { numRuns: 500 },
    )
  })

  it('is found in good time in a very long comment', () => {
    const long = `${' \n'.repeat(200_000)}x${':rework:'.repeat(100_000)}`
    const began = process.hrtime.bigint()
    assert.equal(commandIn(long), null)
    assert.ok(process.hrtime.bigint() - began < 2_000_000_000n)
  })
})

describe('a title', () => {
  it('is taken as it was meant, or refused with one sentence that says what to do', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string({ minLength: 480, maxLength: 520 })), (title) => {
        try {
          const taken = checkTitle(title)
          assert.equal(taken, title.trim())
          assert.notEqual(oneLine(taken), '')
          assert.doesNotMatch(taken, /[\p{Cc}\p{Zl}\p{Zp}]/u)
          assert.ok([...taken].length <= TITLE_MAX)
        } catch (thrown) {
          assert.ok(thrown instanceof UserError, String(thrown))
          assert.match(thrown.message, /^The title [^\n]*\.$/)
        }
      }),
      { numRuns: 500 },
    )
  })

  const refused: readonly (readonly [string, string])[] = [
    ['', 'The title is empty; say in a few words what is to be done.'],
    [' \t ', 'The title is empty; say in a few words what is to be done.'],
    ['\u200b\u202e', 'The title is empty; say in a few words what is to be done.'],
    [
      'one\ntwo',
      'The title contains line breaks or control characters; keep it on one line and put the rest into the description.',
    ],
    ['x'.repeat(501), 'The title has 501 characters, 500 are allowed; put the rest into the description.'],
  ]
  for (const [title, sentence] of refused)
    it(`is refused: ${JSON.stringify(title.slice(0, 12))}`, () =>
      assert.throws(() => checkTitle(title), { name: 'UserError', message: sentence }))

  it('of 500 characters is counted as people count, not in code units', () => {
    assert.equal(checkTitle('😀'.repeat(500)), '😀'.repeat(500))
    assert.throws(() => checkTitle('😀'.repeat(501)), /501 characters/)
  })

  it('keeps its spaces, quotes and markup: it is text', () => {
    assert.equal(checkTitle('  Fix "a  b" <b>now</b>; rm -rf / '), 'Fix "a  b" <b>now</b>; rm -rf /')
  })
})

describe('one line', () => {
  it('is one line, of the given length at most, without anything that turns its direction', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 50 }), (text, max) => {
        const line = oneLine(text, max)
        assert.ok([...line].length <= max)
        assert.doesNotMatch(line, /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u)
        assert.doesNotMatch(line, /^\s|\s{2}/)
      }),
      { numRuns: 500 },
    )
  })

  it('says by `…` that it was cut, and only then', () => {
    assert.equal(oneLine('abcdef', 5), 'abcd…')
    assert.equal(oneLine('abcde', 5), 'abcde')
    assert.equal(oneLine(' a\n\tb\u200bc\u061cd '), 'a b c d')
    assert.equal([...oneLine('x'.repeat(300))].length, 200)
  })
})

describe('a task’s key', () => {
  it('is the item’s, and numbered from its second task on', () => {
    assert.deepEqual(
      [1, 2, 13].map((round) => taskKey('SHOP-12', round)),
      ['SHOP-12', 'SHOP-12-r2', 'SHOP-12-r13'],
    )
    assert.equal(branchOf('SHOP-12-r2'), 'orch/SHOP-12-r2')
    assert.equal(artefactFolder('SHOP-12'), 'docs/tasks/SHOP-12/')
  })

  for (const key of [
    '',
    'SHOP',
    'shop-1',
    'SHOP-0',
    'SHOP-01',
    '../a-1',
    'A-1/../..',
    'A-1\n',
    'A B-1',
    '-1',
    '9A-1',
    `${'A'.repeat(21)}-1`,
    'A-12345678901',
    'Ä-1',
  ])
    it(`never comes from ${JSON.stringify(key)}`, () =>
      assert.throws(() => taskKey(key, 1), {
        name: 'UserError',
        message: `The work item's key ${JSON.stringify(key)} cannot name a branch; a key looks like ABC-12.`,
      }))

  it('is safe as a folder and as a branch, whatever it was made from', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyText, fc.stringMatching(/^[A-Z0-9-]{1,24}$/)),
        fc.integer({ min: 1, max: 99 }),
        (item, round) => {
          try {
            assert.match(taskKey(item, round), /^[A-Z][A-Z0-9]*-[0-9]+(-r[0-9]+)?$/)
          } catch (thrown) {
            assert.ok(thrown instanceof UserError)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
