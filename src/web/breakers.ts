/** Providers of models that had trouble, each in a sentence. */
import type { Breaker } from '#core/breaker.ts'
import type { BreakerView } from '#core/view.ts'
import type { Millis } from '#core/words.ts'

/** Those that are not asked now come first, then by name. */
export const breakerViews = (breakers: Readonly<Record<string, Breaker>>, now: Millis): readonly BreakerView[] =>
  Object.entries(breakers)
    .map(([provider, breaker]) => viewOf(provider, breaker, now))
    .sort((a, b) => Number(a.state === 'closed') - Number(b.state === 'closed') || (a.provider < b.provider ? -1 : 1))

function viewOf(provider: string, breaker: Breaker, now: Millis): BreakerView {
  const closed = { provider, state: breaker.is, why: null, since: null, until: null, probe: null }
  switch (breaker.is) {
    case 'closed': {
      const { troubles } = breaker
      const trouble =
        troubles === 0 ? '' : `; it had trouble with the last ${troubles === 1 ? 'run' : `${troubles} runs`}`
      return { ...closed, sentence: `${provider} is asked as usual${trouble}.` }
    }
    case 'open': {
      const { why, since, until } = breaker
      const when = until > now ? `is not asked for ${spanOf(until - now)} more` : 'is tried again with the next run'
      return { ...closed, why, since, until, sentence: `${provider} ${when}: ${why}` }
    }
    case 'half-open': {
      const { why, since, probe } = breaker
      return { ...closed, why, since, probe, sentence: `Run ${probe} tries whether ${provider} works again: ${why}` }
    }
  }
}

/** `40 s`, `12 min`, `5 h 3 min`: rounded up, so that nobody looks too early. */
function spanOf(ms: Millis): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
