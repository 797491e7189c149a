/**
 * What a run says becomes comments, rows and pages: without secrets, without what a screen would obey, and bounded. The
 * one place for every runtime and every command.
 */
import { cutBytes, visible } from '#core/prompt/data.ts'
import { redact } from '#core/redact.ts'
import type { Outcome } from './worker.ts'

const SENTENCE_BYTES = 4 * 1024
const QUESTION_BYTES = 8 * 1024
const REPORT_BYTES = 256 * 1024

/** `known` are Orch's own secrets; others are known by their form. */
export function presentable(outcome: Outcome, known: readonly string[]): Outcome {
  const clean = (text: string, bytes: number): string => {
    const safe = visible(redact(text, known))
    const cut = cutBytes(safe, bytes)
    return cut.length === safe.length ? safe : `${cut}… (it was longer and is cut here)`
  }
  switch (outcome.is) {
    case 'failed': {
      const sentence = clean(outcome.failure.sentence, SENTENCE_BYTES)
      return { ...outcome, failure: { ...outcome.failure, sentence } }
    }
    case 'asked':
      return { ...outcome, question: clean(outcome.question, QUESTION_BYTES) }
    case 'finished': {
      const { report, facts } = outcome
      const check = facts.check && {
        ...facts.check,
        tail: redact(facts.check.tail, known),
        sentence: clean(facts.check.sentence, SENTENCE_BYTES),
      }
      return {
        ...outcome,
        ...(report === undefined ? {} : { report: clean(report, REPORT_BYTES) }),
        ...(check === undefined ? {} : { facts: { ...facts, check } }),
      }
    }
    case 'handed-back':
    case 'stopped':
      return outcome
  }
}
