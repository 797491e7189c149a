/** What no setting shows on its own: two projects in each other's way, a guard that names what does not exist. */
import type { Origins, Problem } from './problems.ts'
import type { SettingPath } from './setting-tree.ts'
import type { ProjectSettings, Settings } from './settings.ts'

export interface CrossChecks {
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

export function crossCheck(settings: Settings, origins: Origins): CrossChecks {
  const { projects } = settings
  const at = (...path: SettingPath) => origins.of(path)
  const problems = [
    ...repeated(projects, 'id', origins, (id) => `the project id "${id}" is there twice; ids are unique`),
    ...repeated(
      projects,
      'repo',
      origins,
      (repo) => `the repository "${repo}" already belongs to another project; one repository belongs to one project`,
    ),
    ...repeated(
      projects,
      'key_prefix',
      origins,
      (prefix) => `the key_prefix "${prefix}" already belongs to another project; give this one its own`,
    ),
  ]
  const warnings: Problem[] = []
  if (projects.length === 0)
    warnings.push({ text: 'there is no project, so Orch has nothing to work for; add one under projects' })
  for (const [index, { id, approval, people }] of projects.entries()) {
    if (approval === 'person' && people.length === 0)
      warnings.push({
        ...at('projects', index, 'people'),
        text: `project "${id}" lists no people, so nobody can approve by comment; add them under people, or set approval: auto`,
      })
  }
  const repos = new Set(projects.map(({ repo }) => repo))
  for (const [index, repo] of settings.serial_gate.repos.entries()) {
    if (!repos.has(repo))
      warnings.push({
        ...at('serial_gate', 'repos', index),
        text: `serial_gate.repos names "${repo}", which is the repository of no project`,
      })
  }
  const ids = new Set(projects.map(({ id }) => id))
  for (const id of Object.keys(settings.concurrency.per_project)) {
    if (!ids.has(id))
      warnings.push({
        ...at('concurrency', 'per_project', id),
        text: `concurrency.per_project names "${id}", which is no project`,
      })
  }
  return { problems, warnings }
}

/** One problem for each project after the first that has the same value. */
function repeated(
  projects: readonly ProjectSettings[],
  key: 'id' | 'repo' | 'key_prefix',
  origins: Origins,
  say: (value: string) => string,
): readonly Problem[] {
  return projects.flatMap((project, index) => {
    const first = projects.findIndex((other) => other[key] === project[key])
    if (first === index) return []
    const { line } = origins.of(['projects', first, key])
    const text = `${say(project[key])}${line === undefined ? '' : ` (the first is in line ${line})`}`
    return [{ ...origins.of(['projects', index, key]), text }]
  })
}
