/** What must not compile. The type checker reads this file: an error that no longer comes is an error here. */
import type { Gate, Verdict } from '#core/gates.ts'
import { exitsOf, HOLDS } from '#core/holds.ts'
import type { Command, Event, Phase } from '#core/model.ts'
import { pipeline, type Stage, type Step } from '#core/pipeline.ts'
import type { WorkStage } from '#core/words.ts'

const step: Step = { work: { kind: 'check' }, gates: [] }

export const wrongEdges: readonly Stage[] = [
  // @ts-expect-error no stage has this name
  { title: 'A', role: 'tester', steps: [step], next: 'nowhere', onFail: 'development' },
  // @ts-expect-error nothing is sent back to an end
  { title: 'B', role: 'tester', steps: [step], next: 'deploy', onFail: 'done' },
  // @ts-expect-error nothing is sent back to the queue
  { title: 'C', role: 'tester', steps: [step], next: 'deploy', onFail: 'queued' },
  // @ts-expect-error base is brought in for a stage that works
  { title: 'D', role: 'tester', steps: [step], next: 'deploy', onFail: 'testing', onBaseMoved: 'done' },
  // @ts-expect-error a stage belongs to a role there is
  { title: 'E', role: 'stream', steps: [step], next: 'deploy', onFail: 'testing' },
]

const { analysis, ...withoutAnalysis } = pipeline
// @ts-expect-error every stage has a row
export const missing: Readonly<Record<WorkStage, Stage>> = withoutAnalysis

export const wrongSteps: readonly Step[] = [
  // @ts-expect-error a deploy has a target
  { work: { kind: 'deploy' }, gates: [] },
  // @ts-expect-error there is no such document
  { work: { kind: 'agent', role: 'analyst', artefact: 'poem' }, gates: [] },
  // @ts-expect-error a gate is a gate, not its name
  { work: { kind: 'check' }, gates: ['check-passes'] },
]

// @ts-expect-error a gate explains itself
export const silent: Gate = { name: 'silent', judge: () => ({ is: 'pass', sentence: 'so' }) }
// @ts-expect-error a verdict says why
export const bare: Verdict = { is: 'pass' }
// @ts-expect-error a person is asked for a reason that has ways out
export const unknownHold: Verdict = { is: 'human', hold: 'bad-weather', sentence: 'it rains' }
// @ts-expect-error a hold that is not in the table has no ways out
exitsOf('bad-weather')
// @ts-expect-error ways out are those that people know
export const exits: readonly 'retry'[] = HOLDS.question.exits

// @ts-expect-error a held task has a reason and a sentence
export const held: Phase = { is: 'held', since: 0 }
// @ts-expect-error a run has a number
export const running: Phase = { is: 'running', since: 0 }
// @ts-expect-error an outside write has a key
export const keyless: Command = { type: 'show-status', status: 'done' }
// @ts-expect-error whoever orders has a name
export const nobody: Event = { type: 'stop', at: 0 }

export const changed = (stage: Stage): void => {
  // @ts-expect-error the table is not changed at run time
  stage.next = 'done'
  // @ts-expect-error nor is a row
  pipeline.review = analysis
}
