/**
 * The interesting branches. A simulation that never gets there proves nothing about them, so a long run in which one
 * of these stays at zero fails.
 */
export const INTERESTING = [
  'merge: answer was ambiguous and the merge was found in Git',
  'merge: base had moved and was brought in',
  'merge: base had moved and conflicts',
  'merge: base moved between intent and merge',
  'merge: the merged tree was not the tested tree',
  'merge: made late, after its caller had given up',
  'stop: recorded inside the window',
  'stop: while a run was working',
  'stop: while waiting or held',
  'stop: of a queued task',
  'run: lost with its host',
  'run: redelivered by the queue',
  'run: late result refused',
  'run: cancelled while working',
  'run: handed back on shutdown',
  'run: timed out',
  'fence: fired',
  'host: crashed with a process alive',
  'host: crashed in the middle of an outside call',
  'host: shut down gracefully while working',
  'host: cut off from the store',
  'store: commit whose answer was lost',
  'outside: refused before the effect',
  'outside: failed after the effect',
  'outside: done late',
  'outside: done twice',
  'effect: delivered again after a crash',
  'effect: refused for good',
  'effect: skipped as out of date',
  'tracker: change told twice',
  'tracker: change told late',
  'tracker: item moved to To Analyse again after the end',
  'tracker: item moved to To Analyse again in analysis',
  'person: approved with a stale subject and was refused',
  'person: edited after the approval',
  'person: merged the pull request',
  'person: closed the pull request',
  'person: pushed to base',
  'person: pushed to the task’s branch',
  'person: froze the repository',
  'person: repeated a request',
  'gate: task waited for the lane',
  'gate: admission waited for a slot',
  'review: asked for changes',
  'test: failed',
  'check: failed',
  'breaker: opened',
  'breaker: probe succeeded',
  'breaker: probe failed',
  'budget: asked',
  'budget: spent',
  'run: work kept after a failure',
  'held: attempts-spent',
  'held: reworks-spent',
  'held: transients-spent',
  'held: crashes-spent',
  'held: refreshes-spent',
  'held: question',
  'held: protected-paths',
  'held: ci-deadline',
  'held: no-pull-request',
  'held: pull-request-closed',
  'held: not-merged',
  'held: foreign-merge',
  'held: merge-unverified',
  'held: deploy-failed',
  'end: done by Orch’s merge',
  'end: done by a person’s merge',
  'end: cancelled',
  'end: cancelled after its merge',
] as const
export type Interesting = (typeof INTERESTING)[number]

export interface Sometimes {
  saw(what: Interesting): void
  readonly counts: ReadonlyMap<Interesting, number>
}

export function createSometimes(): Sometimes {
  const counts = new Map<Interesting, number>(INTERESTING.map((name) => [name, 0]))
  return { saw: (what) => void counts.set(what, (counts.get(what) ?? 0) + 1), counts }
}
