import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { UserError } from '../../src/core/errors.ts'
import { settings as schema } from '../../src/main/config/settings.ts'
import { guardsOff, refuseLosingTasks, rulesOf, shownPolicyOf } from '../../src/main/rules.ts'

const settings = (more: object = {}) =>
  schema.parse({ projects: [{ id: 'shop', repo: 'shop', check: 'true' }], ...more })

describe('a project that is taken out of the configuration', () => {
  test('is refused while tasks are open in it, and they are named', () => {
    const open = (...keys: string[]) => keys.map((key) => ({ key, project: 'garden' }))
    const refuse = (keys: string[], sentence: RegExp) =>
      assert.throws(
        () => refuseLosingTasks(settings(), open(...keys)),
        (thrown) => thrown instanceof UserError && sentence.test(thrown.message) && !thrown.message.includes('\n'),
      )
    refuse(['GAR-1'], /^Project garden is not in the configuration, and GAR-1 is still open in it; put it back/)
    refuse(['G-1', 'G-2', 'G-3', 'G-4', 'G-5'], /G-1, G-2, G-3 and 2 more are still open/)
    refuseLosingTasks(settings(), [{ key: 'SHOP-1', project: 'shop' }])
    refuseLosingTasks(settings(), [])
  })

  test('leaves its ended tasks to be shown', () => {
    assert.equal(shownPolicyOf(settings)('garden').limits.attempts, 3)
    assert.throws(() => rulesOf(settings)('garden'), /Project garden is not in the configuration any more/)
  })
})

describe('a guard that is switched off', () => {
  test('is said on every page', () => {
    assert.deepEqual(guardsOff(settings()), [])
    const off = { serial_gate: { enabled: false, freeze_enabled: false }, stop_status: { enabled: false } }
    const said = guardsOff(settings(off))
    assert.equal(said.length, 3)
    assert.match(said.join('\n'), /^The serial gate is off: .*\nFreezing is off: .*\nSTOP is off: /)
    assert.match(
      guardsOff(settings({ serial_gate: { repos: ['shop'] } })).join(),
      /^The serial gate is off except for shop:/,
    )
  })

  test('is off in what decides, too', () => {
    assert.equal(rulesOf(settings)('shop').policy.stop, true)
    const off = () => settings({ stop_status: { enabled: false } })
    assert.equal(rulesOf(off)('shop').policy.stop, false)
    assert.equal(shownPolicyOf(off)('shop').stop, false)
    assert.equal(shownPolicyOf(off)('garden').stop, false)
  })
})
