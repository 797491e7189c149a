/**
 * Why a task can be on hold, and which ways out a person has then. One table; the board and the CLI offer exactly these.
 * A hold waits for a person and undoes nothing by itself.
 */
export type HoldExit = 'retry' | 'rework' | 'answer' | 'approve' | 'stop'

export const HOLDS = {
  'attempts-spent': { title: 'tried as often as allowed', exits: ['retry', 'rework', 'stop'] },
  'reworks-spent': { title: 'sent back as often as allowed', exits: ['retry', 'rework', 'stop'] },
  'transients-spent': { title: 'the outside stayed overloaded', exits: ['retry', 'stop'] },
  'crashes-spent': { title: 'its hosts died too often', exits: ['retry', 'stop'] },
  'refreshes-spent': { title: 'base keeps moving', exits: ['retry', 'stop'] },
  'budget-soft': { title: 'it has used much and asks whether to go on', exits: ['retry', 'rework', 'stop'] },
  'budget-spent': { title: 'its money or tokens are used up', exits: ['retry', 'stop'] },
  question: { title: 'the agent asks', exits: ['answer', 'rework', 'stop'] },
  'protected-paths': { title: 'protected files were changed', exits: ['approve', 'rework', 'stop'] },
  'ci-deadline': { title: 'CI did not report in time', exits: ['retry', 'rework', 'stop'] },
  'no-pull-request': { title: 'no pull request could be opened', exits: ['retry', 'stop'] },
  'pull-request-closed': { title: 'a person closed the pull request', exits: ['retry', 'stop'] },
  'not-merged': { title: 'the forge did not merge', exits: ['retry', 'rework', 'stop'] },
  'foreign-merge': { title: 'another head than the tested one was merged', exits: ['stop'] },
  'merge-unverified': { title: 'the merge could not be verified', exits: ['retry', 'stop'] },
  'staging-inconclusive': { title: 'staging could not be judged', exits: ['retry', 'rework', 'stop'] },
  'deploy-failed': { title: 'production was not verified', exits: ['retry', 'rework', 'stop'] },
  'base-broken': { title: 'base fails its own check', exits: ['retry', 'stop'], leavesLane: true },
  'effect-failed': { title: 'an outside write was refused', exits: ['retry', 'stop'] },
} as const satisfies Record<string, { title: string; exits: readonly HoldExit[]; leavesLane?: true }>

export type HoldReason = keyof typeof HOLDS

export const exitsOf = (reason: HoldReason): readonly HoldExit[] => HOLDS[reason].exits
export const leavesLane = (reason: HoldReason): boolean => 'leavesLane' in HOLDS[reason]
