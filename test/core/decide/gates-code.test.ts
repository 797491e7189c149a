import { describe } from 'node:test'
import type { ChangeFact, CheckFact, PullRequestFact } from '#core/evidence.ts'
import * as gate from '#core/gates.ts'
import { changeOf, checkOf } from '../support/events.ts'
import { judged, rows } from '../support/judging.ts'

const change = (over: Partial<ChangeFact> = {}) => ({ change: changeOf(judged(), over) })
const check = (over: Partial<CheckFact> = {}) => ({ check: checkOf(judged(), over) })
const pr = (over: Partial<PullRequestFact> = {}) => ({
  pr: { number: 3, url: '', head: 'orch/SHOP-7', headSha: 'sha-2', base: 'main', state: 'open' as const, ...over },
})
const UNKNOWN = 'again: the run left no record of what it changed'

describe('what a run changed', () => {
  rows(gate.scopeKept, [
    ['its own files', change(), 'pass: only files of its own were changed'],
    ['nothing', change({ content: 'nothing' }), 'pass: nothing was changed'],
    ['is not known', {}, UNKNOWN],
    ['is known of an earlier run only', change({ run: '7.3' }), UNKNOWN],
    [
      'a file of another role',
      change({ outside: ['src/a.ts'] }),
      'again: the run changed files its role may not touch: src/a.ts',
    ],
    [
      'many files of another role',
      change({ outside: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }),
      'again: the run changed files its role may not touch: a, b, c, d, e and 2 more',
    ],
    [
      'five files of another role',
      change({ outside: ['a', 'b', 'c', 'd', 'e'] }),
      'again: the run changed files its role may not touch: a, b, c, d, e',
    ],
  ])
  rows(gate.aheadOfBase, [
    ['three commits', change({ ahead: 3 }), 'pass: orch/SHOP-7 is 3 commits ahead of base'],
    ['one commit', change({ ahead: 1 }), 'pass: orch/SHOP-7 is 1 commit ahead of base'],
    ['no commit', change({ ahead: 0 }), 'again: orch/SHOP-7 has nothing that base has not'],
    ['is not known', {}, 'again: orch/SHOP-7 has nothing that base has not'],
  ])
})

describe('protected files', () => {
  const touched = change({ protectedPaths: ['.ci/run', 'CODEOWNERS'], diffDigest: 'digest-1' })
  const approvedBy = (diffDigest: string) => ({ ...touched, protectedApproval: { diffDigest, by: 'Mia' } })
  const ASKED = 'human (protected-paths): protected files were changed: .ci/run, CODEOWNERS'
  rows(gate.protectedUntouched, [
    ['left alone', change(), 'pass: no protected file was changed'],
    ['changed', touched, ASKED],
    [
      'changed, and exactly that approved',
      approvedBy('digest-1'),
      'pass: Mia approved the change of .ci/run, CODEOWNERS',
    ],
    ['changed, and another change approved', approvedBy('digest-0'), ASKED],
    ['of no known change', {}, UNKNOWN],
  ])
})

describe('the pull request', () => {
  const OPENING = 'pending on pull-request: the pull request is being opened'
  rows(gate.pullRequestOpen, [
    ['open at the head', pr(), 'pass: pull request #3 is open at sha-2'],
    ['not known', {}, OPENING],
    ['at an earlier head', pr({ headSha: 'sha-1' }), OPENING],
    ['at an earlier head and closed', pr({ headSha: 'sha-1', state: 'closed' }), OPENING],
    ['closed', pr({ state: 'closed' }), 'human (pull-request-closed): pull request #3 was closed'],
  ])
})

describe('the check command', () => {
  rows(gate.checkPasses, [
    ['passing on this commit', check(), 'pass: `npm test` passed on sha-2'],
    ['passing on the same content', check({ sha: 'sha-1' }), 'pass: `npm test` passed on sha-1'],
    ['passing on other content', check({ sha: 'sha-0' }), 'fail: the check command has not run on this commit'],
    ['not run', {}, 'fail: the check command has not run on this commit'],
    ['failing', check({ verdict: 'fail', sentence: 'exit 1: red' }), 'fail: `npm test` on sha-2: exit 1: red'],
    [
      'saying nothing',
      check({ verdict: 'inconclusive', sentence: 'no verdict' }),
      'fail: `npm test` on sha-2: no verdict',
    ],
  ])
})

describe('CI', () => {
  const ci = (sha: string, contexts: Record<string, 'success' | 'failure' | 'pending'>) => ({ ci: { sha, contexts } })
  const required = { requiredContexts: ['build', 'lint'] }
  const SILENT = 'pending on ci: CI has not reported yet: build, lint'
  rows(gate.ciGreen, [
    ['not configured', {}, 'pass: CI contexts are not configured'],
    ['not configured, whatever is red', ci('sha-2', { build: 'failure' }), 'pass: CI contexts are not configured'],
    ['green', ci('sha-2', { build: 'success', lint: 'success' }), 'pass: CI is green: build, lint', required],
    ['silent', {}, SILENT, required],
    [
      'at work',
      ci('sha-2', { build: 'success', lint: 'pending' }),
      'pending on ci: CI has not reported yet: lint',
      required,
    ],
    ['green on other content', ci('sha-0', { build: 'success', lint: 'success' }), SILENT, required],
    ['red, though the other is still at work', ci('sha-2', { build: 'failure' }), 'fail: CI is red: build', required],
    [
      'red in what nobody requires',
      ci('sha-2', { build: 'success', lint: 'success', spell: 'failure' }),
      'pass: CI is green: build, lint',
      required,
    ],
  ])
})
