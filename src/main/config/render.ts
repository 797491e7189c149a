/** Writes an `orch.config.yaml` in which every setting is explained, those at their default commented out. */
import { stringify } from 'yaml'
import type { RepositoryFacts } from './repository.ts'
import { isSection, type SettingNode, settingTree } from './setting-tree.ts'

export interface RenderOptions {
  /** Where editors find the JSON Schema, relative to the file; null: no such line. */
  readonly schemaRef: string | null
}

const WIDTH = 100

/** YAML text for the repository that is described, which lies beside it. */
export function renderConfig(facts: RepositoryFacts, { schemaRef }: RenderOptions): string {
  const { projects, ...others } = settingTree().properties ?? {}
  if (!projects?.items) throw new Error('the settings have no projects')
  const lines = [
    ...(schemaRef === null ? [] : [`# yaml-language-server: $schema=${schemaRef}`]),
    ...comment('Configuration of Orch. `orch config check` reads it; a running Orch takes up changes by itself.'),
    ...comment(
      'A # directly before a name marks a setting at its default: delete the # to change it. $NAME as a value takes the value from the environment, where each setting can also be set as ORCH_ and its path, such as ORCH_SERVER_PORT.',
    ),
    '',
    ...comment(projects.description ?? ''),
    'projects:',
    ...asEntry(projectLines(projects.items, facts)),
    ...Object.entries(others).flatMap(([name, node]) => ['', ...atDefault(name, node)]),
  ]
  return `${lines.join('\n')}\n`
}

function projectLines(project: SettingNode, facts: RepositoryFacts): readonly string[] {
  const values: Readonly<Record<string, unknown>> = {
    id: facts.project,
    key_prefix: facts.keyPrefix,
    repo: facts.repo,
    source: '.',
    base: facts.base,
    check: facts.check.command,
    ...(facts.person === null ? {} : { people: [facts.person] }),
  }
  const guess =
    facts.check.from === null
      ? 'Nothing here told how this repository is checked: put its test command in place of this one.'
      : `Guessed from ${facts.check.from}.`
  return Object.entries(project.properties ?? {}).flatMap(([name, node]) =>
    Object.hasOwn(values, name)
      ? [
          ...comment(`${node.description ?? ''}${name === 'check' ? ` ${guess}` : ''}`),
          `${name}: ${yaml(values[name])}`,
        ]
      : atDefault(name, node),
  )
}

/** Lines as the one entry of a list: indented, and the first setting carries the dash. */
function asEntry(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => !line.startsWith('#'))
  return lines.map((line, index) => `${index < first ? '  ' : index === first ? '  - ' : '    '}${line}`)
}

/** A setting or a section at its defaults, explained and commented out. */
function atDefault(name: string, node: SettingNode): readonly string[] {
  const inner = Object.entries(isSection(node) ? (node.properties ?? {}) : {}).flatMap(([key, child]) => [
    ...comment(child.description ?? '').map((line) => `#  ${line}`),
    `#  ${setting(key, child.default)}`,
  ])
  return [
    ...comment(node.description ?? ''),
    `#${isSection(node) ? `${name}:` : setting(name, node.default)}`,
    ...inner,
  ]
}

const setting = (name: string, value: unknown): string => (value === undefined ? `${name}:` : `${name}: ${yaml(value)}`)

/** Any value on one line. Text that would be taken for a `$NAME` is written so that it is not. */
const yaml = (value: unknown): string =>
  stringify(literal(value), { lineWidth: 0, collectionStyle: 'flow', singleQuote: true }).trim()
const literal = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(literal)
  return typeof value === 'string' && /^\$+[A-Za-z_][A-Za-z0-9_]*$/.test(value) ? `$${value}` : value
}

/** Text as comment lines of at most WIDTH characters. */
function comment(text: string): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`# ${word}`)
  }
  return lines
}
