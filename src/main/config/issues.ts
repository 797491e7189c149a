/** From what zod found to problems that a person can act on. */
import type { z } from 'zod'
import { oneLine } from '#core/naming.ts'
import { nearest } from './nearest.ts'
import type { Origins, Problem } from './problems.ts'
import { describeNeed, nodeAt, pathText, type SettingNode, type SettingPath, valueAt } from './setting-tree.ts'

type Issue = z.core.$ZodIssue

/** @param value what was checked; used to show what stands there. */
export function problemsOf(
  issues: readonly Issue[],
  value: unknown,
  tree: SettingNode,
  origins: Origins,
): readonly Problem[] {
  return issues.flatMap((issue) => {
    const path = issue.path as SettingPath
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, tree, origins))
    if (issue.code === 'invalid_key') return [badName(path, issue.issues[0]?.message, origins)]
    return [badValue(issue, path, valueAt(value, path), nodeAt(tree, path), origins)]
  })
}

const atKey = (path: SettingPath, origins: Origins): Problem => {
  const line = origins.lineOfKey(path)
  return { ...(line === undefined ? origins.of(path) : { line }), text: '' }
}

function unknownKey(path: SettingPath, key: string, tree: SettingNode, origins: Origins): Problem {
  const node = nodeAt(tree, path)
  const known = Object.keys(node?.properties ?? {}).concat(node?.propertyNames?.enum ?? [])
  const near = nearest(key, known)
  const where = path.length === 0 ? '' : ` in ${pathText(path)}`
  const elsewhere = near ? null : placeElsewhere(key, tree)
  const end = near
    ? `; did you mean "${near}"?`
    : elsewhere
      ? `; did you mean "${elsewhere.name}" of ${elsewhere.section}?`
      : `; there are ${known.join(', ')}`
  return { ...atKey([...path, key], origins), text: `unknown key "${oneLine(key, 60)}"${where}${end}` }
}

/** A setting of another section that was probably meant: the right key, one level too high or too low. */
function placeElsewhere(key: string, tree: SettingNode): { name: string; section: string } | null {
  const sections: [string, SettingNode][] = [['the whole file', tree]]
  for (const [name, { items, properties }] of Object.entries(tree.properties ?? {})) {
    if (properties) sections.push([name, { properties }])
    if (items?.properties) sections.push([`an entry of ${name}`, items])
  }
  for (const [section, { properties = {} }] of sections) {
    const name = nearest(key, Object.keys(properties))
    if (name !== null) return { name, section }
  }
  return null
}

function badName(path: SettingPath, why: string | undefined, origins: Origins): Problem {
  const name = oneLine(String(path.at(-1)), 60)
  return {
    ...atKey(path, origins),
    text: `"${name}" cannot be a name in ${pathText(path.slice(0, -1))}: ${why ?? 'it is not valid'}`,
  }
}

function badValue(
  issue: Issue,
  path: SettingPath,
  value: unknown,
  node: SettingNode | undefined,
  origins: Origins,
): Problem {
  const origin = origins.of(path)
  if (value === undefined) {
    const meaning = node?.description ? ` (${node.description.replace(/\.$/, '')})` : ''
    return { ...origin, text: `${pathText(path)} is missing${meaning}` }
  }
  const where = origin.line === undefined ? {} : { line: origin.line }
  const from = origin.line !== undefined && origin.variable !== undefined ? ` (from $${origin.variable})` : ''
  const place = origin.line === undefined && origin.variable !== undefined ? { variable: origin.variable } : where
  const isHidden = node?.writeOnly === true || from !== ''
  // A setting's own sentence says what it must be; zod's begins with "Invalid".
  if (issue.code === 'invalid_format' || (issue.code === 'invalid_value' && !issue.message.startsWith('Invalid '))) {
    const cannot = isHidden ? 'is wrong' : `cannot be ${sample(value)}`
    return { ...place, text: `${pathText(path)}${from} ${cannot}: ${issue.message}` }
  }
  if (issue.code === 'too_small' && value === '')
    return { ...place, text: `${pathText(path)}${from} must not be empty` }
  return {
    ...place,
    text: `${pathText(path)}${from} must be ${node ? describeNeed(node) : issue.message}${isHidden ? '' : `, not ${sample(value)}`}`,
  }
}

function sample(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a section'
  return typeof value === 'string' ? JSON.stringify(oneLine(value, 40)) : String(value)
}
