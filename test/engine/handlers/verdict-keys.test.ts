import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Evidence } from '#core/evidence.ts'
import { ARTEFACTS, type ArtefactName } from '#core/words.ts'
import { verdictKeys } from '../../../src/engine/handlers/verdict-keys.ts'
import { judged } from '../../core/support/judging.ts'

const keys = (artefact: ArtefactName, evidence: Partial<Evidence> = {}) => verdictKeys(judged(evidence), artefact)
const deployed = (verdict: 'success' | 'failed' | 'inconclusive', sentence: string) => ({
  run: '7.9',
  sha: 'sha-2',
  verdict,
  sentence,
})
const merge = { head: 'sha-2', base: 'base-1', merge: 'merge-1', by: 'orch', treeEqual: true } as const

describe('the verdict keys of a deployer’s document', () => {
  it('tell what staging showed, and anything but success is a failure', () => {
    assert.deepEqual(keys('staging', { staging: deployed('success', 'all green') }), {
      staging_status: 'SUCCESS',
      sha: 'sha-2',
      reason: 'all green',
    })
    for (const verdict of ['failed', 'inconclusive'] as const)
      assert.deepEqual(keys('staging', { staging: deployed(verdict, 'no') }), {
        staging_status: 'FAILED',
        sha: 'sha-2',
        reason: 'no',
      })
  })

  it('say where staging is not configured', () => {
    assert.deepEqual(keys('staging'), { staging_status: 'SUCCESS', staging: 'not configured' })
  })

  it('tell what was merged and what production showed', () => {
    assert.deepEqual(keys('deploy', { merge, production: deployed('success', 'all green') }), {
      deploy_status: 'SUCCESS',
      merge_commit: 'merge-1',
      production: 'all green',
    })
    for (const verdict of ['failed', 'inconclusive'] as const)
      assert.deepEqual(keys('deploy', { merge, production: deployed(verdict, 'no') }), {
        deploy_status: 'FAILED',
        merge_commit: 'merge-1',
        production: 'no',
      })
    assert.deepEqual(keys('deploy', { merge }), {
      deploy_status: 'SUCCESS',
      merge_commit: 'merge-1',
      production: 'not configured',
    })
  })

  it('are the agent’s own in every other document', () => {
    const others = (Object.keys(ARTEFACTS) as ArtefactName[]).filter((name) => name !== 'staging' && name !== 'deploy')
    for (const name of others) assert.equal(keys(name), null, name)
  })
})
