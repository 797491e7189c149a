export const TABS = ['timeline', 'runs', 'gates', 'artefacts', 'description'] as const
export type Tab = (typeof TABS)[number]

/** What of a task is open, kept in the page's address. */
export interface TaskSearch {
  readonly tab?: Tab
  /** Id of the run whose log is shown. */
  readonly run?: string
}

/** Anything else in the address is left out. The router makes a number of `run=7.1`, which says the same. */
export function readTaskSearch(search: Record<string, unknown>): TaskSearch {
  const tab = TABS.find((name) => name === search.tab)
  return {
    ...(tab !== undefined && { tab }),
    ...((typeof search.run === 'string' || typeof search.run === 'number') && { run: String(search.run) }),
  }
}
