/** What the claude CLI takes for a model and an effort. */
import { EFFORTS, type NameRules } from '#core/agent-choice.ts'

/** A name may end in the width of its context, as in `claude-opus-5-5[1m]`. */
const MODEL = /^claude-[a-z0-9][a-z0-9.@-]{0,100}(\[[a-z0-9]{1,8}\])?$/

/** A misspelt effort is only warned about by the CLI, and a misspelt model is sent as it is: both are judged before. */
export const CLAUDE_NAMES: NameRules = {
  isModel: (name) => MODEL.test(name),
  modelFormat: 'it begins with claude-, in small letters, digits, dots and dashes',
  efforts: EFFORTS,
}
