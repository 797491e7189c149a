/**
 * The circuit breaker of a provider: closed, open until a time, or half-open while one run tries whether it works again.
 * While it is not closed, nobody else's run is started into a provider that is known not to answer.
 */
import type { Failure } from './model.ts'
import { backoffMs, LONGEST_LIMIT_MS, LONGEST_WAIT_MS } from './retry.ts'
import type { Millis, RunId } from './words.ts'

export type Breaker =
  | { readonly is: 'closed'; readonly troubles: number }
  | ({ readonly is: 'open'; readonly until: Millis } & Opened)
  | ({ readonly is: 'half-open'; readonly probe: RunId } & Opened)

interface Opened {
  readonly why: string
  readonly code: string
  readonly since: Millis
  /** How many probes have failed. */
  readonly probes: number
}

export interface BreakerRules {
  /** Troubles in a row that open it. */
  readonly threshold: number
  readonly backoff: { readonly baseMs: Millis; readonly maxMs: Millis }
}

export const CLOSED: Breaker = { is: 'closed', troubles: 0 }
/** One provider's hiccup is the business of the run that met it; three in a row are everybody's. */
export const BREAKER_RULES: BreakerRules = { threshold: 3, backoff: { baseMs: 30_000, maxMs: 30 * 60_000 } }

/** Codes that speak of the provider and not of the run. */
const TROUBLES: readonly string[] = ['rate-limit', 'overloaded', 'server', 'network', 'auth', 'usage-limit', 'missing']
/** Nothing that waiting a little mends: one is enough. */
const AT_ONCE: readonly string[] = ['auth', 'usage-limit', 'missing']
/** Failures of a run to which the provider had given its answer. */
const ANSWERED: readonly string[] = ['context-too-long', 'refused', 'max-turns', 'budget', 'model']

/** What a run's end says of its provider: `failure` is null where it ended with a result. */
export function afterRun(
  before: Breaker,
  run: RunId,
  failure: Failure | null,
  at: Millis,
  rules: BreakerRules = BREAKER_RULES,
): Breaker {
  if (failure !== null && TROUBLES.includes(failure.code)) return afterTrouble(before, run, failure, at, rules)
  const answered = failure === null || ANSWERED.includes(failure.code)
  if (!answered) return before
  // One that was let through before an account's limit was reached says nothing of the limit.
  if (before.is === 'open' && AT_ONCE.includes(before.code)) return before
  return CLOSED
}

function afterTrouble(before: Breaker, run: RunId, failure: Failure, at: Millis, rules: BreakerRules): Breaker {
  const opened = { why: failure.sentence, code: failure.code }
  switch (before.is) {
    case 'closed': {
      const troubles = before.troubles + 1
      if (troubles < rules.threshold && !AT_ONCE.includes(failure.code)) return { is: 'closed', troubles }
      return { is: 'open', ...opened, since: at, probes: 0, until: untilOf(failure, 0, at, rules) }
    }
    case 'open':
      // Runs that were under way when it opened: they may know of a later time, and count as no probe.
      return { ...before, until: Math.max(before.until, asked(failure, at)) }
    case 'half-open': {
      if (before.probe !== run) return before
      const probes = before.probes + 1
      return { is: 'open', ...opened, since: before.since, probes, until: untilOf(failure, probes, at, rules) }
    }
  }
}

const asked = ({ until, retryAfterMs }: Failure, at: Millis): Millis =>
  until === undefined
    ? at + Math.min(Math.max(retryAfterMs ?? 0, 0), LONGEST_WAIT_MS)
    : Math.min(Math.max(until, at), at + LONGEST_LIMIT_MS)

/** A limit with a known end is not tried before it. */
const untilOf = (failure: Failure, probes: number, at: Millis, { backoff }: BreakerRules): Millis =>
  failure.until === undefined ? at + backoffMs(probes, { backoff }, failure.retryAfterMs) : asked(failure, at)

/** May a run of this provider start now, and would it be the one that tries? */
export function admits(
  breaker: Breaker | undefined,
  provider: string,
  isLive: (run: RunId) => boolean,
  now: Millis,
): { readonly is: 'yes' } | { readonly is: 'as-probe' } | { readonly is: 'no'; readonly why: string } {
  if (breaker === undefined || breaker.is === 'closed') return { is: 'yes' }
  if (breaker.is === 'open') {
    if (breaker.until <= now) return { is: 'as-probe' }
    return {
      is: 'no',
      why: `${provider} is not asked for ${Math.ceil((breaker.until - now) / 1000)} s more: ${breaker.why}`,
    }
  }
  // A probe that is gone without a word (its host died, it was stopped) has tried nothing.
  if (!isLive(breaker.probe)) return { is: 'as-probe' }
  return { is: 'no', why: `run ${breaker.probe} tries whether ${provider} works again: ${breaker.why}` }
}

export const probedBy = (breaker: Breaker, run: RunId): Breaker =>
  breaker.is === 'closed'
    ? breaker
    : {
        is: 'half-open',
        probe: run,
        why: breaker.why,
        code: breaker.code,
        since: breaker.since,
        probes: breaker.probes,
      }

/** What is told, once, when it opens. */
export const openedSentence = (provider: string, { why }: { readonly why: string }): string =>
  `${provider} cannot be used: ${why} Work that needs it waits and goes on by itself; nothing is lost and no attempt is counted.`
