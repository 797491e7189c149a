import { describe } from 'node:test'
import type { ArtefactFact } from '#core/evidence.ts'
import * as gate from '#core/gates.ts'
import type { ArtefactName } from '#core/words.ts'
import { type Row, rows } from '../support/judging.ts'

const with_ = (name: ArtefactName, frontMatter: object, over: Partial<ArtefactFact> = {}) => ({
  artefacts: {
    [name]: { run: '7.4', sha: 'sha-2', digest: 'd', frontMatter: { ...frontMatter }, problem: null, ...over },
  },
})
const analysis = (frontMatter: object) => with_('analysis', frontMatter)
const good = { problem: 'No search.', acceptance_criteria: ['It finds.'], test_plan: ['Search.'] }

describe('an analysis', () => {
  rows(gate.analysisWritten, [
    ['there and complete', analysis(good), 'pass: 01-analysis.md is valid'],
    ['missing', {}, 'again: 01-analysis.md is missing'],
    ['of an earlier run', with_('analysis', good, { run: '7.3' }), 'again: 01-analysis.md is missing'],
    ['unreadable', with_('analysis', good, { problem: 'it is a link' }), 'again: 01-analysis.md: it is a link'],
    [
      'without a problem',
      analysis({ ...good, problem: ' ' }),
      'again: 01-analysis.md: the key `problem` must be a text',
    ],
    [
      'with a number for a problem',
      analysis({ ...good, problem: 4 }),
      'again: 01-analysis.md: the key `problem` must be a text',
    ],
    ...[undefined, [], 'It finds.', ['It finds.', ''], [1]].map(
      (acceptance_criteria): Row => [
        `with criteria ${JSON.stringify(acceptance_criteria)}`,
        analysis({ ...good, acceptance_criteria }),
        'again: 01-analysis.md: the key `acceptance_criteria` must be a list of texts, at least one',
      ],
    ),
    [
      'without a test plan',
      analysis({ ...good, test_plan: null }),
      'again: 01-analysis.md: the key `test_plan` must be a list of texts, at least one',
    ],
  ])
})

describe('an architecture', () => {
  rows(gate.architectureWritten, [
    ['there with its summary', with_('architecture', { summary: 'An index.' }), 'pass: 02-architecture.md is valid'],
    ['missing', analysis(good), 'again: 02-architecture.md is missing'],
    ['without a summary', with_('architecture', {}), 'again: 02-architecture.md: the key `summary` must be a text'],
  ])
})

const OWED = 'it must be APPROVED or CHANGES_REQUESTED'
describe('a review', () => {
  rows(gate.reviewWritten, [
    ['with a verdict', with_('review', { verdict: 'APPROVED' }), 'pass: 12-review.md is valid'],
    ['missing', {}, 'again: 12-review.md is missing'],
    ['without a verdict', with_('review', {}), `again: 12-review.md: the key \`verdict\` is missing; ${OWED}`],
    [
      'with an empty verdict',
      with_('review', { verdict: null }),
      `again: 12-review.md: the key \`verdict\` is missing; ${OWED}`,
    ],
    [
      'with another verdict',
      with_('review', { verdict: 'approved' }),
      `again: 12-review.md: \`verdict\` is "approved"; ${OWED}`,
    ],
    [
      'with a list',
      with_('review', { verdict: ['APPROVED'] }),
      `again: 12-review.md: \`verdict\` is ["APPROVED"]; ${OWED}`,
    ],
  ])
  rows(gate.reviewApproved, [
    ['approving this commit', with_('review', { verdict: 'APPROVED' }), 'pass: the reviewer approved'],
    [
      'approving the same content',
      with_('review', { verdict: 'APPROVED' }, { sha: 'sha-1' }),
      'pass: the reviewer approved',
    ],
    [
      'approving another commit',
      with_('review', { verdict: 'APPROVED' }, { sha: 'sha-0' }),
      'again: the review speaks of another commit',
    ],
    ['absent', {}, 'again: the review speaks of another commit'],
    [
      'asking for changes',
      with_('review', { verdict: 'CHANGES_REQUESTED', summary: ' Names are\n unclear. ' }),
      'fail: the reviewer asks for changes: Names are unclear.',
    ],
    [
      'asking for changes without saying which',
      with_('review', { verdict: 'CHANGES_REQUESTED', summary: 3 }),
      'fail: the reviewer asks for changes: no summary given',
    ],
    [
      'with a verdict that is nearly one',
      with_('review', { verdict: 'APPROVED ' }),
      'fail: the reviewer asks for changes: no summary given',
    ],
    [
      'asking at length is cut',
      with_('review', { verdict: 'CHANGES_REQUESTED', summary: 'x'.repeat(500) }),
      `fail: the reviewer asks for changes: ${'x'.repeat(300)}`,
    ],
  ])
})

describe('a test report', () => {
  rows(gate.testReportWritten, [
    ['with a status', with_('test', { test_status: 'FAIL' }), 'pass: 13-test-report.md is valid'],
    ['missing', {}, 'again: 13-test-report.md is missing'],
    [
      'with another status',
      with_('test', { test_status: true }),
      'again: 13-test-report.md: `test_status` is true; it must be PASS or FAIL',
    ],
  ])
  rows(gate.testsPassed, [
    ['passing this commit', with_('test', { test_status: 'PASS' }), 'pass: the tester reports PASS'],
    [
      'passing the same content',
      with_('test', { test_status: 'PASS' }, { sha: 'sha-1' }),
      'pass: the tester reports PASS',
    ],
    [
      'passing another commit',
      with_('test', { test_status: 'PASS' }, { sha: 'sha-0' }),
      'again: the test report speaks of another commit',
    ],
    ['absent', {}, 'again: the test report speaks of another commit'],
    ['failing', with_('test', { test_status: 'FAIL', summary: 'Umlauts.' }), 'fail: the tester reports FAIL: Umlauts.'],
    [
      'with a status that is not one',
      with_('test', { test_status: 'pass' }),
      'fail: the tester reports FAIL: no summary given',
    ],
  ])
})

describe('an approval', () => {
  const approval = (subject: string) => ({ ...analysis(good), approval: { subject, by: 'Mia', at: 1 } })
  const EDITED = 'pending on approval: the item or its analysis was edited after the approval'
  rows(gate.approved, [
    ['of exactly this item and analysis', approval('item-a:d'), 'pass: approved by Mia'],
    ['not given yet', analysis(good), 'pending on approval: a person has to approve the analysis'],
    ['of another item text', approval('item-0:d'), EDITED],
    ['of another analysis', approval('item-a:e'), EDITED],
    ['of an analysis that is gone', { approval: { subject: 'item-a:d', by: 'Mia', at: 1 } }, EDITED],
  ])
})
