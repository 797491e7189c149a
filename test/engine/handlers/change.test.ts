import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ROLES } from '#core/words.ts'
import { contentOf, digestOf, outsideOf } from '../../../src/engine/handlers/change.ts'

const KEY = 'SHOP-7'
const OWN = 'docs/tasks/SHOP-7/12-review.md'
const ANALYSIS = 'docs/tasks/SHOP-7/01-analysis.md'
const paths = [
  OWN,
  ANALYSIS,
  'docs/adr/0001-index.md',
  'docs/adr.md',
  'docs/tasks/SHOP-70/12-review.md',
  'docs/tasks/SHOP-7',
  'docs/tasks/SHOP-7-r2/01-analysis.md',
  'x/docs/tasks/SHOP-7/a.md',
  'src/a.ts',
]

describe('what a role may change', () => {
  const allowed: Readonly<Record<(typeof ROLES)[number], readonly string[]>> = {
    analyst: [OWN, ANALYSIS],
    architect: [OWN, 'docs/adr/0001-index.md'],
    developer: paths.filter((path) => path !== ANALYSIS),
    reviewer: [OWN],
    tester: [OWN],
    deployer: [OWN],
  }
  for (const role of ROLES)
    it(`is, for the ${role}: ${allowed[role].length} of these ${paths.length} paths`, () => {
      const outside = outsideOf(paths, role, KEY)
      assert.deepEqual(
        outside,
        paths.filter((path) => !allowed[role].includes(path)),
      )
    })

  it('is everything where nothing was changed', () => assert.deepEqual(outsideOf([], 'tester', KEY), []))
})

describe('the content of a change', () => {
  it('is nothing, this task’s documents, or anything else', () => {
    assert.equal(contentOf([], KEY), 'nothing')
    assert.equal(contentOf([OWN, ANALYSIS], KEY), 'artefacts')
    for (const path of paths.slice(2)) assert.equal(contentOf([OWN, path], KEY), 'code', path)
  })
})

describe('a digest', () => {
  it('tells texts apart, and is the same for the same text', () => {
    assert.equal(digestOf('a'), digestOf('a'))
    assert.notEqual(digestOf('a'), digestOf('a '))
    assert.match(digestOf(''), /^[0-9a-f]{64}$/)
  })
})
