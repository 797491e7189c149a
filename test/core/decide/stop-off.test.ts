/** STOP switched off: nobody is offered what has no meaning. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Command } from '#core/model.ts'
import { asked, closedBy, edited, failed, mergedBy, shaOf } from '../support/events.ts'
import { given } from '../support/given.ts'
import { at, full, journey } from '../support/tasks.ts'

const OFF = { ...full, stop: false }
const texts = (commands: readonly Command[]) =>
  commands.flatMap((command) => (command.type === 'comment' ? [command.text] : []))

describe('while STOP is switched off no comment offers `:stop:`', () => {
  it('on the good way, where the analysis asks for its approval', () => {
    const said = journey({ stage: 'done', phase: 'final' }, OFF).way.flatMap(({ commands }) => texts(commands))
    assert.ok(said.some((text) => text.endsWith('to go on, `:rework: why` to have it done again.')))
    assert.doesNotMatch(said.join('\n'), /:stop:/)
  })

  it('when it asks anew after an edit', () => {
    const [said = ''] = texts(given(at('development', 'running'), OFF).when(edited('item-b')).decision.commands)
    assert.match(said, /`:rework: why` to analyse again\.$/)
  })

  it('on a hold, in the tracker and in the timeline', () => {
    const { decision } = given(at('architecture', 'running'), OFF).when(asked())
    assert.match(texts(decision.commands).join(), /Ways on: `:answer: …` to answer, `:rework: why` to send it back\.$/)
    const [exits] = decision.commands.flatMap((command) =>
      command.type === 'log' && command.entry.is === 'held' ? [command.entry.exits] : [],
    )
    assert.deepEqual(exits, ['answer', 'rework'])
  })

  it('on a hold of which STOP was the only way out, which is said', () => {
    const { decision } = given(at('deploy', 'ready', 0, OFF), OFF).when(mergedBy('Noor', shaOf('9.9')))
    assert.match(texts(decision.commands).join(), /there is no way on from here; switch it on to end it\.$/)
  })

  it('on the holds that the world outside leads to', () => {
    const closed = given(at('development', 'running', 1, OFF), OFF).when(closedBy('Noor'))
    assert.match(texts(closed.decision.commands).join(), /Ways on: `:retry:` to try once more\.$/)
    const spent = { ...at('development', 'running'), used: { ...at('development', 'running').used, attempts: 2 } }
    assert.doesNotMatch(texts(given(spent, OFF).when(failed()).decision.commands).join(), /:stop:/)
  })
})
