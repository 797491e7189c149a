import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type AgentWish,
  chooseAgent,
  EFFORT_FLOOR,
  EFFORTS,
  type NameRules,
  type WishLevel,
} from '#core/agent-choice.ts'
import { ROLES } from '#core/words.ts'

const names: NameRules = {
  isModel: (name) => /^acme-[a-z0-9]+$/.test(name),
  modelFormat: 'acme-…',
  efforts: EFFORTS,
}
const levels = (...wishes: readonly AgentWish[]): WishLevel[] =>
  wishes.map((wish, index) => ({ from: ['this run', 'the task', 'role developer'][index] ?? `level ${index}`, wish }))

describe('which model a run gets', () => {
  it('is the most special that is set', () => {
    const choice = chooseAgent('developer', levels({}, { model: 'acme-two' }, { model: 'acme-three' }), names)
    assert.equal(choice.model, 'acme-two')
    assert.equal(choice.reasons[0], 'model: acme-two, set for the task')
  })

  it('an empty text is unset, also one of blanks', () => {
    const choice = chooseAgent('developer', levels({ model: '' }, { model: '  ' }, { model: 'acme-three' }), names)
    assert.equal(choice.model, 'acme-three')
    assert.equal(choice.reasons.length, 3)
  })

  it('a name that cannot be one is said, and the next level counts; in the limit none is named', () => {
    const choice = chooseAgent('developer', levels({ model: 'gpt' }, { model: 'acme-two' }), names)
    assert.equal(choice.model, 'acme-two')
    assert.match(choice.reasons[0] ?? '', /"gpt", set for this run, is no model name \(acme-…\) and is passed over/)
    const none = chooseAgent('developer', levels({ model: 'gpt' }, { model: '--model' }), names)
    assert.equal(none.model, null)
  })

  it('a fallback that is the model itself is none', () => {
    const choice = chooseAgent('developer', levels({ model: 'acme-one', fallback: 'acme-one' }), names)
    assert.equal(choice.fallback, null)
    assert.ok(choice.reasons.includes('fallback: none, because it is the model itself'))
  })

  it('nothing that is no name of the runtime is ever passed on', () => {
    const text = fc.option(fc.oneof(fc.string(), fc.constantFrom('acme-one', 'acme-two', '', 'high', 'LOW')), {
      nil: undefined,
    })
    const wish = fc.record({ model: text, effort: text, fallback: text })
    fc.assert(
      fc.property(fc.constantFrom(...ROLES), fc.array(wish, { maxLength: 6 }), (role, wishes) => {
        const choice = chooseAgent(role, levels(...wishes), names)
        assert.ok(choice.model === null || names.isModel(choice.model))
        assert.ok(choice.fallback === null || names.isModel(choice.fallback))
        assert.ok(choice.effort === null || EFFORTS.includes(choice.effort))
        assert.ok(choice.reasons.length >= 3)
        assert.ok(choice.reasons.every((reason) => !reason.includes('\n')))
      }),
    )
  })
})

describe('how hard a run thinks', () => {
  it('is the floor of its role where nothing is set, and an empty variable does not erase it', () => {
    for (const role of ROLES) {
      assert.equal(chooseAgent(role, [], names).effort, EFFORT_FLOOR[role])
      assert.equal(chooseAgent(role, levels({ effort: '' }), names).effort, EFFORT_FLOOR[role])
    }
  })

  it('a wrong effort that somebody set is said and means none: no lower level and no floor answers for it', () => {
    const choice = chooseAgent('developer', levels({ effort: 'ultra' }, { effort: 'low' }), names)
    assert.equal(choice.effort, null)
    assert.match(
      choice.reasons.join('\n'),
      /effort: "ultra", set for this run, is none of low, medium, high, xhigh, max/,
    )
  })

  it('is taken in any case of letters', () => {
    assert.equal(chooseAgent('developer', levels({ effort: ' XHigh ' }), names).effort, 'xhigh')
  })

  it('a floor that the runtime does not know is left to the agent', () => {
    assert.equal(chooseAgent('developer', [], { ...names, efforts: [] }).effort, null)
  })
})
