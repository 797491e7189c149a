/** What an agent's run was given, and whether it is what answered. */
import type { RunAgentView } from '#core/view.ts'
import type { RunAgent } from '#engine/ports/store.ts'

export function runAgentViewOf({ runtime, choice, models, resumes }: RunAgent): RunAgentView {
  const { model, effort, fallback, reasons } = choice
  return { runtime, model, effort, fallback, reasons, models, fellBack: fellBack(model, models), resumes }
}

/** Did none of those that answered go by the chosen name? Unknown counts as no. */
export const fellBack = (model: string | null, models: readonly string[]): boolean =>
  model !== null && models.length > 0 && !models.some((answered) => undated(answered) === undated(model))

/** A provider may answer a plain name by a dated one, and the width of a context is no part of a model's name. */
const undated = (model: string): string =>
  model.replace(/\[[^\]]*\]$/, '').replace(/[-@](?:[0-9]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2}|latest)$/, '')
