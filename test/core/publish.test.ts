import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Inspection, PUBLISH_LIMITS, publishProblem } from '#core/publish.ts'

const FINE: Inspection = {
  commits: 1_000,
  files: 2_000,
  bytes: 10 * 1024 * 1024,
  largest: { path: 'a.bin', bytes: 5 * 1024 * 1024 },
  links: [],
  submodules: [],
  secrets: [],
  isPartial: false,
}
const secret = { commit: 'c'.repeat(40), path: 'a.ts', line: 3, kind: 'a GitHub token' }
const problem = (more: Partial<Inspection>) => {
  const found = publishProblem({ ...FINE, ...more }, PUBLISH_LIMITS)
  return found === null ? 'none' : `${found.code}: ${found.sentence}`
}

describe('what may be published', () => {
  it('is what keeps to the limits, to the last byte', () => {
    assert.equal(problem({}), 'none')
    assert.equal(problem({ largest: null }), 'none')
  })

  it('is nothing else, and the sentence says why', () => {
    const cases: readonly (readonly [Partial<Inspection>, string])[] = [
      [
        { secrets: [secret] },
        'secret: Line 3 of a.ts in the commit cccccccccc holds a GitHub token; nothing was published.',
      ],
      [
        { secrets: [{ ...secret, path: null }, secret, secret] },
        'secret: The message of the commit cccccccccc holds a GitHub token (and there are 2 more); nothing was published.',
      ],
      [{ commits: 1_001 }, 'too-large: The work has 1001 commits, 1000 are allowed; fewer and larger ones will do.'],
      [
        { files: 2_001 },
        'too-large: The work adds or changes 2001 files, 2000 are allowed; built and installed files do not belong in the repository.',
      ],
      [
        { bytes: FINE.bytes + 1 },
        'too-large: The work adds 10.1 MiB, 10 MiB are allowed; built and installed files do not belong in the repository.',
      ],
      [
        { largest: { path: 'a.bin', bytes: 5 * 1024 * 1024 + 1 } },
        'too-large: a.bin has 5.1 MiB, 5 MiB are allowed for a file; large files do not belong in the repository.',
      ],
      [
        { isPartial: true },
        'too-large: The work is so large that it could not be looked through, so it was not published.',
      ],
      [
        { links: ['up', 'down'] },
        'symlink: The symbolic link up (and there is one more) leads out of the repository; only links within it are allowed.',
      ],
      [
        { submodules: ['sub'] },
        'submodule: sub would add or redirect a submodule; code of another repository is not taken in unseen.',
      ],
    ]
    for (const [more, says] of cases) assert.equal(problem(more), says)
  })

  it('tells a secret before anything else', () =>
    assert.match(problem({ secrets: [secret], links: ['x'], isPartial: true, files: 9_999 }), /^secret: /))
})
