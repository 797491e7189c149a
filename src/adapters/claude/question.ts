/** An agent asks by ending with a line that begins with `QUESTION:`; that line and all that follows is the question. */

/** The question without its first word; null where nothing is asked. */
export function questionIn(text: string): string | null {
  const question = /^[ \t]*QUESTION:([\s\S]*)$/m.exec(text)?.[1]?.trim()
  return question === undefined || question === '' ? null : question
}
