/** A reporter for node:test: every failure in full, and one plain line at the end. */
import type { TestEvent } from 'node:test/reporters'

export default async function* closingLine(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  let [passed, failed, skipped] = [0, 0, 0]
  for await (const event of events) {
    if (event.type === 'test:pass' && event.data.details?.type !== 'suite') {
      if (event.data.skip === undefined) passed += 1
      else {
        skipped += 1
        yield `\nskipped: ${event.data.name}${typeof event.data.skip === 'string' && event.data.skip !== '' ? ` (${event.data.skip})` : ''}\n`
      }
    }
    if (event.type === 'test:fail' && event.data.details?.type !== 'suite') {
      failed += 1
      const { error } = event.data.details
      yield `\nFAILED ${event.data.file ?? ''}:${event.data.line ?? ''}\n  ${event.data.name}\n  ${String((error.cause as Error | undefined)?.stack ?? error.message)}\n`
    }
  }
  yield `\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`
}
