export interface Draft {
  /** Null while none was chosen: then the only project there is. */
  readonly project: string | null
  readonly title: string
  readonly description: string
  readonly priority: number
}

export const emptyDraft: Draft = { project: null, title: '', description: '', priority: 0 }

/** Source: the shortest limit among the trackers, Plane's for the name of a work item. */
export const TITLE_MAX = 255

export interface Problems {
  readonly project?: string
  readonly title?: string
}

export function problemsOf(draft: Draft, project: string | null): Problems {
  const title = draft.title.trim()
  return {
    ...(project === null && { project: 'Choose the project that this belongs to.' }),
    ...(title === '' && { title: 'Say in one line what should change.' }),
    ...(title.length > TITLE_MAX && {
      title: `The title has ${title.length} characters, at most ${TITLE_MAX} are possible; put the rest into the description.`,
    }),
  }
}
