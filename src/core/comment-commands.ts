/** What a person orders in a comment: `:approved:`, `:rework: why`, `:stop:`, `:retry:`, `:answer: …`. */

export type CommentCommand =
  | { readonly is: 'approved' }
  | { readonly is: 'rework'; readonly why: string }
  | { readonly is: 'stop' }
  | { readonly is: 'retry' }
  | { readonly is: 'answer'; readonly text: string }

/**
 * The command that opens a comment's first non-empty line; null where there is none. What follows the word, over all
 * lines, belongs to it. A word in the middle of prose or in a quotation orders nothing.
 */
export function commandIn(comment: string): CommentCommand | null {
  const match = /^\s*:(approved|rework|stop|retry|answer):[ \t]*([\s\S]*)$/i.exec(comment)
  if (match === null) return null
  const text = (match[2] ?? '').trim()
  switch (match[1]?.toLowerCase()) {
    case 'approved':
      return { is: 'approved' }
    case 'stop':
      return { is: 'stop' }
    case 'retry':
      return { is: 'retry' }
    case 'rework':
      return { is: 'rework', why: text === '' ? 'no reason given' : text }
    case 'answer':
      return text === '' ? null : { is: 'answer', text }
    default:
      return null
  }
}
