/** `$NAME` as a whole value in the file takes the value from the environment; nothing else in a text is replaced. */
import { type Env, readText } from './environment.ts'
import type { Origins, Problem } from './problems.ts'
import type { SettingNode, SettingPath } from './setting-tree.ts'

/** Its group is the variable's name. */
export const REFERENCE = /^\$([A-Za-z_][A-Za-z0-9_]*)$/
/** `$$NAME` stands for the text `$NAME`. */
const ESCAPED = /^\$\$+[A-Za-z_][A-Za-z0-9_]*$/

/**
 * `value` with every text that is `$NAME` as a whole replaced by that variable, read as the setting of its place wants
 * it, and without nulls where a setting may be absent.
 */
export function takeReferences(
  value: unknown,
  node: SettingNode | undefined,
  context: { readonly env: Env; readonly origins: Origins; readonly replaced: ReadonlySet<string> },
  problems: Problem[],
  path: SettingPath = [],
): unknown {
  if (context.replaced.has(JSON.stringify(path))) return value
  const inside = (part: unknown, step: string | number, inner: SettingNode | undefined) =>
    takeReferences(part, inner, context, problems, [...path, step])
  if (Array.isArray(value)) return value.map((item, index) => inside(item, index, node?.items))
  if (typeof value === 'object' && value !== null) {
    const result: Record<string, unknown> = Object.create(null)
    for (const [key, part] of Object.entries(value)) {
      const isKnown = node?.properties !== undefined && Object.hasOwn(node.properties, key)
      const inner = isKnown ? node?.properties?.[key] : node?.additionalProperties || undefined
      // A section whose settings are all commented out, or a setting left open: as if it were not there.
      if (part === null && inner !== undefined) continue
      result[key] = inside(part, key, inner)
    }
    return result
  }
  if (typeof value !== 'string') return value
  if (ESCAPED.test(value)) return value.slice(1)
  const name = REFERENCE.exec(value)?.[1]
  if (name === undefined) return value
  const { line } = context.origins.of(path)
  const at = line === undefined ? {} : { line }
  const text = context.env[name]
  if (!text) {
    problems.push({
      ...at,
      text: `$${name} is not set; export ${name}, or write $$${name} if that very text is meant`,
    })
    return MISSING
  }
  context.origins.set(path, { ...at, variable: name })
  const read = node === undefined ? { value: text } : readText(node, text)
  if ('value' in read) return read.value
  problems.push({ ...at, text: `$${name} must be ${read.need} here` })
  return MISSING
}

/** Stands where a problem was told already, so that it is not told again as a wrong value. */
export const MISSING = Symbol('told already')
