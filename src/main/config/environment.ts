/** Settings from the environment, each as `ORCH_<PATH>`. A variable that is empty counts as unset. */
import { ROLES } from '#core/words.ts'
import { nearest } from './nearest.ts'
import type { Origins, Problem } from './problems.ts'
import { describeNeed, isMap, isSection, type SettingNode, type SettingPath, valueAt } from './setting-tree.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** Names that were promised and lie elsewhere in the file. */
const ALIASES: readonly (readonly [string, string])[] = [
  ...ROLES.flatMap((role) =>
    ['MODEL', 'EFFORT'].map(
      (part) => [`ORCH_AGENT_${part}_${role.toUpperCase()}`, `ORCH_AGENT_ROLES_${role.toUpperCase()}_${part}`] as const,
    ),
  ),
  ['ORCH_AGENT_TIMEOUT_OVERRIDES_JSON', 'ORCH_AGENT_TIMEOUT_OVERRIDES'],
]

export interface EnvironmentSetting {
  readonly path: SettingPath
  readonly node: SettingNode
}

/** Variables of Orch that are no settings: they steer a single command. */
const NO_SETTINGS = ['ORCH_SERVER', 'ORCH_TOKEN', 'ORCH_DEBUG', 'ORCH_LOG_LEVEL']

/**
 * The variable of every setting. Those of a project go by its id: `ORCH_PROJECTS_SHOP_CHECK`.
 * @param value the file's, whose projects are looked at; anything.
 */
export function variablesOf(tree: SettingNode, value: unknown): ReadonlyMap<string, EnvironmentSetting> {
  const found = new Map<string, EnvironmentSetting>()
  const visit = (node: SettingNode, path: SettingPath, name: string): void => {
    for (const [key, child] of Object.entries(node.properties ?? {}))
      visit(child, [...path, key], `${name}_${key.toUpperCase()}`)
    if (isSection(node)) return
    const list = elementsOf(valueAt(value, path))
    if (node.items && isSection(node.items)) {
      const { id: _, ...settings } = node.items.properties ?? {}
      for (const [index, element] of list.entries()) {
        const id = (element as { id?: unknown } | null)?.id
        if (typeof id !== 'string') continue
        const prefix = `${name}_${id.toUpperCase().replaceAll('-', '_')}`
        for (const [key, child] of Object.entries(settings))
          visit(child, [...path, index, key], `${prefix}_${key.toUpperCase()}`)
      }
      return
    }
    found.set(name, { path, node })
    if (isMap(node) && node.additionalProperties)
      for (const key of node.propertyNames?.enum ?? [])
        found.set(`${name}_${key.toUpperCase()}`, { path: [...path, key], node: node.additionalProperties })
  }
  visit(tree, [], 'ORCH')
  for (const [alias, variable] of ALIASES) {
    const setting = found.get(variable)
    if (setting) found.set(alias, setting)
  }
  return found
}

const elementsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export interface EnvironmentResult {
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
  /** Paths whose value in the file no longer counts, as JSON. */
  readonly replaced: ReadonlySet<string>
}

/** Writes what the variables say into `root` (changed in place) and where it came from into `origins`. */
export function applyVariables(
  root: Record<string, unknown>,
  tree: SettingNode,
  env: Env,
  origins: Origins,
): EnvironmentResult {
  const problems: Problem[] = []
  const replaced = new Set<string>()
  const known = variablesOf(tree, root)
  const take = (variable: string, { path, node }: EnvironmentSetting): void => {
    const text = env[variable]
    if (!text) return
    const read = readText(node, text)
    if ('need' in read) problems.push({ variable, text: `it must be ${read.need}${shown(node, text)}` })
    else if (!put(root, path, read.value)) return
    origins.set(path, { variable })
    replaced.add(JSON.stringify(path))
  }
  const warnings: string[] = []
  const database = known.get('ORCH_DATABASE_URL')
  if (database && !env.ORCH_DATABASE_URL && env.DATABASE_URL) {
    const written = valueAt(root, database.path)
    if (typeof written === 'string' && written !== '$DATABASE_URL' && written !== env.DATABASE_URL)
      warnings.push(
        'DATABASE_URL of the environment is used instead of database.url of the file; unset one of the two.',
      )
    take('DATABASE_URL', database)
  }
  // A map stands before its single names, which can so be set beside the whole of it.
  for (const [variable, setting] of known) take(variable, setting)
  return { problems, warnings: [...warnings, ...unknownVariables(env, known.keys())], replaced }
}

/** What stands behind a problem's text: nothing where the value may be a secret. */
const shown = (node: SettingNode, text: string): string =>
  node.writeOnly || node.type === undefined || (node.type === 'string' && !node.enum)
    ? ''
    : `, not ${JSON.stringify(text.slice(0, 40))}`

function put(root: Record<string, unknown>, path: SettingPath, value: unknown): boolean {
  let at: Record<string | number, unknown> = root
  for (const step of path.slice(0, -1)) {
    at[step] ??= Object.create(null)
    const next = at[step]
    // Something else stands where a section should be: that is told on its own.
    if (typeof next !== 'object' || next === null) return false
    at = next as Record<string | number, unknown>
  }
  at[path.at(-1) as string] = value
  return true
}

function unknownVariables(env: Env, known: Iterable<string>): readonly string[] {
  const names = [...known, ...NO_SETTINGS]
  return Object.keys(env)
    .filter((name) => /^ORCH_(?!TEST_)/.test(name) && env[name] && !names.includes(name))
    .sort()
    .map((name) => {
      const near = nearest(name, names)
      return `${name} is no setting of Orch and changes nothing${near ? `; did you mean ${near}?` : '.'}`
    })
}

const WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  1: true,
  false: false,
  no: false,
  off: false,
  0: false,
}

function readJson(text: string): { value: unknown } | { need: string } {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return { need: 'valid JSON, or name=value, separated by commas' }
  }
}

/** The value that a variable's text stands for: a list by commas, a map as `name=value,…`, the rest as written. */
export function readText(node: SettingNode, text: string): { value: unknown } | { need: string } {
  const trimmed = text.trim()
  const parts = () => trimmed.split(',').flatMap((part) => part.trim() || [])
  switch (node.type) {
    case 'boolean': {
      const value = Object.hasOwn(WORDS, trimmed.toLowerCase()) ? WORDS[trimmed.toLowerCase()] : undefined
      return value === undefined ? { need: describeNeed(node) } : { value }
    }
    case 'integer':
    case 'number':
      return /^[+-]?[0-9]+(\.[0-9]+)?$/.test(trimmed) ? { value: Number(trimmed) } : { need: describeNeed(node) }
    case 'array':
      return node.items?.type === 'string' ? { value: parts() } : { need: 'written in the file' }
    case 'object': {
      const inner = node.additionalProperties
      if (!inner) return { need: 'written in the file' }
      if (trimmed.startsWith('{')) return readJson(trimmed)
      const entries: [string, unknown][] = []
      for (const part of parts()) {
        const [, name = '', rest = ''] = /^([^=]+)=(.*)$/.exec(part) ?? []
        const read = readText(inner, rest)
        if (name === '' || 'need' in read) return { need: `name=value, separated by commas` }
        entries.push([name.trim(), read.value])
      }
      return { value: Object.fromEntries(entries) }
    }
    default:
      return { value: node.enum ? trimmed : text }
  }
}
