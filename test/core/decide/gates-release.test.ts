import { describe } from 'node:test'
import type { DeployFact, MergeFact } from '#core/evidence.ts'
import * as gate from '#core/gates.ts'
import { checkOf } from '../support/events.ts'
import { judged, rows } from '../support/judging.ts'

const deployed = (over: Partial<DeployFact> = {}): DeployFact => ({
  run: '7.4',
  sha: 'sha-2',
  verdict: 'success',
  sentence: 'all probes are green',
  ...over,
})
const merge: MergeFact = { head: 'sha-2', base: 'base-1', merge: 'merge-1', by: 'orch', treeEqual: true }

describe('staging', () => {
  const staging = (over: Partial<DeployFact> = {}) => ({ staging: deployed(over) })
  const NONE = 'human (staging-inconclusive): there is no staging verdict for this commit'
  rows(gate.stagingVerified, [
    ['verified', staging(), 'pass: all probes are green'],
    ['verified with the same content', staging({ sha: 'sha-1' }), 'pass: all probes are green'],
    ['verified with other content', staging({ sha: 'sha-0' }), NONE],
    ['never deployed', {}, NONE],
    ['failed', staging({ verdict: 'failed', sentence: 'a probe is red' }), 'fail: a probe is red'],
    [
      'inconclusive',
      staging({ verdict: 'inconclusive', sentence: 'no probe answered' }),
      'human (staging-inconclusive): no probe answered',
    ],
  ])
})

describe('the merge', () => {
  rows(gate.merged, [
    ['of the head', { merge }, 'pass: merged as merge-1'],
    ['of the same content', { merge: { ...merge, head: 'sha-1' } }, 'pass: merged as merge-1'],
    [
      'of another head',
      { merge: { ...merge, head: 'sha-0' } },
      'human (foreign-merge): sha-0 was merged, which is not the tested head',
    ],
    ['without proof', {}, 'human (not-merged): there is no proof of a merge'],
  ])
  const check = (sha: string, verdict: 'pass' | 'fail' = 'pass') => ({
    merge,
    check: checkOf(judged(), { sha, verdict, sentence: verdict === 'pass' ? 'exit 0' : 'exit 1: red' }),
  })
  const NOT_RUN = 'human (deploy-failed): the check command has not run on the merge commit'
  rows(gate.mergeChecked, [
    ['checked itself', check('merge-1'), 'pass: the check command passed on the merge commit'],
    [
      'failing its check',
      check('merge-1', 'fail'),
      'human (deploy-failed): the merge commit fails the check command: exit 1: red',
    ],
    ['checked before it was made', check('sha-2'), NOT_RUN],
    ['never checked', { merge }, NOT_RUN],
    ['neither there nor checked', {}, NOT_RUN],
  ])
})

describe('production', () => {
  const production = (over: Partial<DeployFact> = {}) => ({ merge, production: deployed({ sha: 'merge-1', ...over }) })
  const NONE = 'human (deploy-failed): there is no production verdict for the merge commit'
  rows(gate.productionVerified, [
    ['verified with the merge commit', production(), 'pass: all probes are green'],
    ['verified with another commit', production({ sha: 'sha-2' }), NONE],
    ['never deployed', { merge }, NONE],
    ['neither merged nor deployed', {}, NONE],
    ['failed', production({ verdict: 'failed', sentence: 'a probe is red' }), 'human (deploy-failed): a probe is red'],
    [
      'inconclusive',
      production({ verdict: 'inconclusive', sentence: 'no answer' }),
      'human (deploy-failed): no answer',
    ],
  ])
})
