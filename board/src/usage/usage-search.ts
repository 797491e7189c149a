import { USAGE_BY, type UsageBy } from '../../../src/core/words.ts'

/** What is summed up, kept in the page's address. */
export interface UsageSearch {
  readonly by?: UsageBy
}

/** Anything else in the address is left out. */
export function readUsageSearch(search: Record<string, unknown>): UsageSearch {
  const by = USAGE_BY.find((known) => known === search.by)
  return by === undefined ? {} : { by }
}
