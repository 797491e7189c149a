/** Templates of prompts: `{{name}}` is a variable, and a template that says anything doubtful is an error, not a guess. */
import { UserError } from '../errors.ts'

/** Variables without which a run would not know what it is for, or why an earlier one was not accepted. */
const REQUIRED: Readonly<Record<string, string>> = {
  item: 'what the work item says',
  notes: 'why earlier work was sent back and what people answered',
}

/** `\{{` is a plain `{{`; `{{` that is not closed on its line is nothing. */
const TOKEN = /\\\{\{|\{\{([^{}\n]*)\}\}|\{\{/g

/**
 * The template with its variables filled in. Values are put in as they are: what looks like a variable inside a value
 * stays text.
 *
 * @param file where the template comes from, for the sentence of an error
 * @throws {UserError} for an unknown variable, an unclosed `{{`, an empty template, one that never uses a required variable
 */
export function renderPrompt(template: string, variables: Readonly<Record<string, string>>, file: string): string {
  if (template.trim() === '')
    throw new UserError(`${file} is empty; write the prompt into it, or take the setting away to use the one of Orch.`)
  const used = new Set<string>()
  const text = template.replace(TOKEN, (token, inside: string | undefined, at: number) => {
    if (token === '\\{{') return '{{'
    const line = template.slice(0, at).split('\n').length
    if (inside === undefined)
      throw new UserError(
        `${file}, line ${line}: \`{{\` is not closed; write {{name}} on one line, or \\{{ for the two characters.`,
      )
    const name = inside.trim()
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined
    if (value === undefined)
      throw new UserError(
        `${file}, line ${line}: {{${name}}} is no variable of this prompt; use one of ${list(Object.keys(variables))}.`,
      )
    used.add(name)
    return value
  })
  for (const [name, what] of Object.entries(REQUIRED))
    if (!used.has(name))
      throw new UserError(
        `${file} never uses {{${name}}}, so the agent would not be told ${what}; put {{${name}}} where it shall stand.`,
      )
  return text
}

const list = (names: readonly string[]): string =>
  names
    .toSorted()
    .map((name) => `{{${name}}}`)
    .join(', ')
