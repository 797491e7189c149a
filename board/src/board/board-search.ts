/** What the board shows, kept in the page's address so that it can be sent to others and survives going back. */
export interface BoardSearch {
  readonly project?: string
  readonly q?: string
  readonly state?: 'all'
  /** Only what waits for a person. */
  readonly person?: true
}

/** Anything else in the address is left out. */
export function readBoardSearch(search: Record<string, unknown>): BoardSearch {
  return {
    ...(typeof search.project === 'string' && search.project !== '' && { project: search.project }),
    ...((typeof search.q === 'string' || typeof search.q === 'number') && search.q !== '' && { q: String(search.q) }),
    ...(search.state === 'all' && { state: 'all' as const }),
    ...(search.person === true && { person: true as const }),
  }
}
