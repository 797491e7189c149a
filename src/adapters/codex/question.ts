/** An agent asks by ending with a line that begins with `QUESTION:`; that line and all that follows is the question. */

/** Null where nothing is asked. */
export function questionIn(text: string): string | null {
  const match = /^[ \t]*QUESTION:[ \t]*([\s\S]*)/m.exec(text)
  const question = match?.[1]?.trim()
  return question === undefined || question === '' ? null : question
}
