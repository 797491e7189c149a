/** A gate's verdict on given evidence, as one line. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Evidence } from '#core/evidence.ts'
import type { Gate } from '#core/gates.ts'
import type { Task } from '#core/model.ts'
import { defaultPolicy, type Policy } from '#core/policy.ts'
import { newTask } from './tasks.ts'

/** Branch at `sha-2`, whose content `sha-1` shares; the last run was 7.4. */
export const judged = (evidence: Partial<Evidence> = {}, over: Partial<Task> = {}): Task =>
  newTask({
    stage: 'review',
    runs: 4,
    lineage: ['sha-1', 'sha-2'],
    evidence: { artefacts: {}, ...evidence },
    ...over,
  })

export function verdictOf(gate: Gate, task: Task, policy: Partial<Policy> = {}): string {
  const verdict = gate.judge(task, { ...defaultPolicy, ...policy })
  const about = verdict.is === 'pending' ? ` on ${verdict.on}` : verdict.is === 'human' ? ` (${verdict.hold})` : ''
  return `${verdict.is}${about}: ${verdict.sentence}`
}

export type Row = readonly [story: string, evidence: Partial<Evidence>, verdict: string, policy?: Partial<Policy>]

export function rows(gate: Gate, table: readonly Row[]): void {
  for (const [story, evidence, verdict, policy] of table)
    it(`${gate.name}: ${story}`, () => assert.equal(verdictOf(gate, judged(evidence), policy), verdict))
}
