/** Work that is played instead of done: facts with which every gate passes. */
import type { Sha } from '../../src/core/words.ts'
import type { RunRow } from '../../src/engine/ports/store.ts'
import type { Outcome } from '../../src/engine/worker.ts'

const sha = (n: number): Sha => n.toString(16).padStart(40, '0')
const FRONT = {
  problem: 'p',
  acceptance_criteria: ['a'],
  test_plan: ['t'],
  summary: 's',
  verdict: 'APPROVED',
  test_status: 'PASS',
}

/** `head` is the branch's head as the run was given it, empty where the branch is not cut yet. */
export function played(run: RunRow, head: Sha, merge: Sha | null): Outcome {
  const n = Number(run.id.slice(run.id.lastIndexOf('.') + 1))
  const base = sha(1)
  const given = head === '' ? base : head
  if (run.kind === 'check') {
    const at = merge ?? given
    return {
      is: 'finished',
      facts: {
        check: {
          run: run.id,
          sha: at,
          tree: at,
          command: 'played',
          definition: 'played',
          exit: 0,
          ms: 1,
          tail: '',
          verdict: 'pass',
          sentence: 'exit 0',
        },
      },
    }
  }
  if (run.kind === 'merge')
    return { is: 'finished', facts: { merge: { head: given, base, merge: given, by: 'orch', treeEqual: true } } }
  const made = run.role === 'developer' ? sha(run.task * 1_000 + n) : given
  const change = {
    run: run.id,
    given,
    head: made,
    content: made === given ? 'nothing' : 'code',
    outside: [],
    ahead: 1,
    protectedPaths: [],
    diffDigest: 'none',
  } as const
  const artefacts =
    run.artefact === null
      ? {}
      : { [run.artefact]: { run: run.id, sha: given, digest: 'd', frontMatter: FRONT, problem: null } }
  return { is: 'finished', facts: { base, change, artefacts } }
}
