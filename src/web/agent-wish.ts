/** Model, effort and fallback as people may send them. Whether a runtime knows the name is judged when a run begins. */
import { z } from 'zod'
import { type AgentWish, EFFORTS } from '#core/agent-choice.ts'

const NAME_MAX = 120

const name = z
  .string()
  .max(NAME_MAX)
  .refine((text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text), 'it must be one line without control characters')
  .trim()

const effort = z
  .string()
  .max(NAME_MAX)
  .trim()
  .toLowerCase()
  .refine(
    (text) => text === '' || EFFORTS.some((known) => known === text),
    `it must be ${EFFORTS.join(', ')}, or empty`,
  )

/** An empty text is unset: it takes back what was set before. */
export const agentWish = { model: name.optional(), effort: effort.optional(), fallback: name.optional() }
export const createdWish = z.strictObject(agentWish)

export const isEmptyWish = ({ model, effort, fallback }: AgentWish): boolean =>
  model === undefined && effort === undefined && fallback === undefined
