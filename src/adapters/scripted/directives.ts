/**
 * What a work item can ask the scripted program to play, one line of its description each:
 * `scripted: reviewer request-changes 2`, `scripted: tester fail`, `scripted: developer hang`, `scripted: analyst ask`.
 */
import type { Role } from '#core/words.ts'

export interface Directive {
  readonly word: 'request-changes' | 'report-fail' | 'fail' | 'hang' | 'ask' | 'overload'
  /** How many rounds it is played. */
  readonly times: number
}

const WORDS: readonly Directive['word'][] = ['request-changes', 'report-fail', 'fail', 'hang', 'ask', 'overload']

export function directiveFor(role: Role, description: string): Directive | null {
  for (const line of description.split(/\r?\n/)) {
    const match = /^\s*scripted:\s+([a-z]+)\s+([a-z-]+)(?:\s+([0-9]{1,2}))?\s*$/.exec(line)
    const word = WORDS.find((known) => known === match?.[2])
    if (match?.[1] === role && word !== undefined) return { word, times: match[3] === undefined ? 1 : Number(match[3]) }
  }
  return null
}
