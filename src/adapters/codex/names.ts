/** What the codex CLI takes for a model and an effort. */
import { EFFORTS, type Effort, type NameRules } from '#core/agent-choice.ts'

const MODEL = /^(?:gpt-[a-z0-9]|o[1-9](?![0-9])|codex-[a-z0-9])[a-z0-9._:-]{0,100}$/

export const CODEX_NAMES: NameRules = {
  isModel: (name) => MODEL.test(name),
  modelFormat: 'it begins with gpt-, codex- or o and a digit, in small letters, digits, dots and dashes',
  efforts: EFFORTS,
}

/** First generation of models whose efforts go up to `max`; those before end at `xhigh` (the CLI's own catalogue). */
const KNOWS_MAX = [5, 6] as const

/** The CLI passes on any word unchecked, and the provider refuses the run for one that its model does not know. */
export function effortWord(effort: Effort, model: string | null): string {
  if (effort !== 'max' || model === null) return effort
  const [, major = '0', minor = '0'] = /^gpt-(\d{1,3})(?:\.(\d{1,3}))?(?![\d.])/.exec(model) ?? []
  const [first, second] = KNOWS_MAX
  const knows = Number(major) > first || (Number(major) === first && Number(minor) >= second)
  return knows ? 'max' : 'xhigh'
}
