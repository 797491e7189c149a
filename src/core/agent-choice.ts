/**
 * Which model, effort and fallback a run gets, and why: run → task → role in the project → project → role → everyone →
 * the role's built-in floor of effort. Nothing invalid is passed on, and nothing invalid is fatal.
 */
import type { Role } from './words.ts'

export const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const
export type Effort = (typeof EFFORTS)[number]

/** What somebody set; an absent or empty text is unset. */
export interface AgentWish {
  readonly model?: string | undefined
  readonly effort?: string | undefined
  readonly fallback?: string | undefined
}

/** One place where it can be set; `from` names it in a sentence, as in "role developer". */
export interface WishLevel {
  readonly from: string
  readonly wish: AgentWish
}

/** What a run was given; null is left to the agent's own default. `reasons` are sentences, one per part and per refusal. */
export interface AgentChoice {
  readonly model: string | null
  readonly effort: Effort | null
  readonly fallback: string | null
  readonly reasons: readonly string[]
}

/** What a runtime takes for a name: a format, not a list of what exists today. */
export interface NameRules {
  readonly isModel: (name: string) => boolean
  /** In words, for the sentence that refuses a name. */
  readonly modelFormat: string
  readonly efforts: readonly Effort[]
}

/** Work that decides what is built, or whether it may go on, is thought about longer. */
export const EFFORT_FLOOR: Readonly<Record<Role, Effort>> = {
  analyst: 'high',
  architect: 'high',
  developer: 'high',
  reviewer: 'high',
  tester: 'medium',
  deployer: 'low',
}

/** `levels` from the most special to the most general. */
export function chooseAgent(role: Role, levels: readonly WishLevel[], names: NameRules): AgentChoice {
  const model = nameOf('model', levels, names)
  const fallback = nameOf('fallback', levels, names)
  const effort = effortOf(role, levels, names)
  const isSame = fallback.name !== null && fallback.name === model.name
  return {
    model: model.name,
    effort: effort.effort,
    fallback: isSame ? null : fallback.name,
    reasons: [
      ...model.reasons,
      ...effort.reasons,
      ...(isSame ? ['fallback: none, because it is the model itself'] : fallback.reasons),
    ],
  }
}

const isSet = (text: string | undefined): text is string => text !== undefined && text.trim() !== ''

function nameOf(
  part: 'model' | 'fallback',
  levels: readonly WishLevel[],
  { isModel, modelFormat }: NameRules,
): { name: string | null; reasons: string[] } {
  const reasons: string[] = []
  for (const { from, wish } of levels) {
    const text = wish[part]
    if (!isSet(text)) continue
    const name = text.trim()
    if (isModel(name)) return { name, reasons: [...reasons, `${part}: ${name}, set for ${from}`] }
    reasons.push(`${part}: ${shown(name)}, set for ${from}, is no model name (${modelFormat}) and is passed over`)
  }
  return { name: null, reasons: [...reasons, part === 'model' ? "model: the agent's own default" : 'fallback: none'] }
}

function effortOf(
  role: Role,
  levels: readonly WishLevel[],
  { efforts }: NameRules,
): { effort: Effort | null; reasons: string[] } {
  for (const { from, wish } of levels) {
    if (!isSet(wish.effort)) continue
    const effort = efforts.find((known) => known === wish.effort?.trim().toLowerCase())
    return effort
      ? { effort, reasons: [`effort: ${effort}, set for ${from}`] }
      : {
          effort: null,
          reasons: [
            `effort: ${shown(wish.effort)}, set for ${from}, is none of ${efforts.join(', ') || 'none'}; the agent's own default counts`,
          ],
        }
  }
  const floor = EFFORT_FLOOR[role]
  return efforts.includes(floor)
    ? { effort: floor, reasons: [`effort: ${floor}, the floor of the ${role}`] }
    : { effort: null, reasons: ["effort: the agent's own default"] }
}

/** A wrong name can be anything: short, on one line, and visibly quoted. */
const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
