/** The JSON Schema by which editors complete and check `orch.config.yaml`. */
import { z } from 'zod'
import { settings } from './settings.ts'

const REFERENCE = { type: 'string', pattern: '^\\$[A-Za-z_][A-Za-z0-9_]*$', description: 'Taken from the environment.' }

const isSectionList = (items: unknown): boolean => (items as { type?: unknown } | undefined)?.type === 'object'

/** JSON text with a line end at its end: what `schema/orch.config.schema.json` holds. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(settings, {
    io: 'input',
    override: ({ jsonSchema, path }) => {
      // Any value or list of texts may be written as $NAME instead; free text allows that already, a name never does.
      const isFree = jsonSchema.enum === undefined && jsonSchema.pattern === undefined
      const { type, items } = jsonSchema
      if (path.includes('propertyNames') || type === undefined || type === 'object') return
      if ((type === 'string' && isFree) || (type === 'array' && isSectionList(items))) return
      const { description, default: fallback, writeOnly, ...narrow } = jsonSchema
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
      Object.assign(jsonSchema, {
        ...(description === undefined ? {} : { description }),
        ...(fallback === undefined ? {} : { default: fallback }),
        ...(writeOnly === undefined ? {} : { writeOnly }),
        anyOf: [narrow, REFERENCE],
      })
    },
  })
  return `${JSON.stringify({ title: 'Configuration of Orch (orch.config.yaml)', ...schema }, null, 2)}\n`
}
