/** What the end of an agent's run says of its provider, kept for everybody; told once, when the breaker opens. */
import { afterRun, CLOSED, openedSentence } from '#core/breaker.ts'
import type { Failure } from '#core/model.ts'
import type { Millis } from '#core/words.ts'
import type { RunRow, Tx } from './ports/store.ts'

/** Called last in the transaction that closes the run. `failure` is null where it ended with a result. Says whether it opened. */
export async function heardOf(
  tx: Tx,
  run: Pick<RunRow, 'id' | 'task'>,
  provider: string,
  failure: Failure | null,
  at: Millis,
): Promise<boolean> {
  const before = (await tx.breaker(provider)) ?? CLOSED
  const after = afterRun(before, run.id, failure, at)
  if (after === before || (after.is === 'closed' && before.is === 'closed' && after.troubles === before.troubles))
    return false
  const opens = before.is === 'closed' && after.is === 'open'
  if (opens) {
    const text = openedSentence(provider, after)
    await tx.addEffects(run.task, [{ type: 'comment', key: `${run.id}:breaker`, voice: 'stream', text }], at)
  }
  await tx.setBreaker(provider, after, at)
  return opens
}
