import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defaultPolicy } from '#core/policy.ts'
import { asked, failed, finished, lost, overloaded, started } from '../support/events.ts'
import { given } from '../support/given.ts'
import { at, full } from '../support/tasks.ts'

const staging = at('deploy-staging', 'running', 1, full)
const production = at('deploy', 'running', 3, full)

describe('the deployer’s prose', () => {
  it('is asked for after the verdict, in the deployer’s voice', () => {
    given(at('deploy-staging', 'ready', 1, full), full)
      .when(started())
      .becomes('deploy-staging', 'running 7.9', ['deployer: Deployer started (deploy-staging).'])
  })

  it('holds nothing by failing, by overload or by asking', () => {
    for (const end of [failed(), overloaded(), asked('What is a probe?', () => ({}))]) {
      given(staging, full).when(end).becomes('deploy', 'ready 7.10', ['show deploy', 'start 7.10 merge'])
      assert.equal(given(production, full).when(end).task.stage, 'done')
    }
  })

  it('is told where it is missing, and counts on no budget', () => {
    const { task } = given(staging, full)
      .when(failed({ sentence: 'the agent crashed' }))
      .logs(['note: the prose of run 7.9 is missing: the agent crashed', 'deploy-staging → deploy: passed'])
    assert.deepEqual([task.used, task.spent.deployer?.runs], [staging.used, 1])
    given(production, full)
      .when(asked('What is a probe?', () => ({})))
      .logs(['note: the prose of run 7.12 is missing: it asks: What is a probe?', 'deploy → done: passed'])
  })

  it('is tried again where its host died, and given up when its hosts died too often', () => {
    assert.equal(given(staging, full).when(lost()).task.phase.is, 'ready')
    const spent = { ...staging, used: { ...staging.used, crashes: defaultPolicy.limits.crashes } }
    assert.equal(given(spent, full).when(lost()).task.stage, 'deploy')
  })

  it('of staging is published with the branch', () => {
    given(staging, full)
      .when(finished())
      .becomes('deploy', 'ready 7.10', ['push sha-7.9', 'deployer: Deployer done…', 'show deploy', 'start 7.10 merge'])
  })

  it('of production moves no branch, since that is merged', () => {
    const { commands } = given(production, full).when(finished()).decision
    assert.ok(!commands.some(({ type }) => type === 'push-branch'))
  })
})
