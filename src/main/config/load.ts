/** From the file and the environment to settings, or to everything that is wrong with them at once. */
import { dirname, resolve } from 'node:path'
import { crossCheck } from './cross-checks.ts'
import { applyVariables, type Env } from './environment.ts'
import { problemsOf } from './issues.ts'
import { type ResolvedSettings, resolvePaths } from './paths.ts'
import { ConfigError, type Problem, placed } from './problems.ts'
import { readConfigFile } from './read-file.ts'
import { MISSING, takeReferences } from './references.ts'
import { type SettingPath, settingTree, valueAt } from './setting-tree.ts'
import { settings as schema } from './settings.ts'
import { readYaml } from './yaml-tree.ts'

export interface LoadedConfig {
  readonly settings: ResolvedSettings
  /** Absolute path of the file. */
  readonly path: string
  /** Sentences about what works but is hardly meant. */
  readonly warnings: readonly string[]
}

export interface ConfigPlace {
  readonly path: string
  readonly env: Env
}

/** Reads and checks the file at `path`. @throws {UserError} one sentence, with a line per problem where it has any. */
export function loadConfig({ path, env }: ConfigPlace): LoadedConfig {
  const file = resolve(path)
  return parseConfig(readConfigFile(file), { path: file, env })
}

/** The pure part. @throws {ConfigError} */
export function parseConfig(text: string, { path, env }: ConfigPlace): LoadedConfig {
  const { value, origins, problems: yamlProblems, usable } = readYaml(text)
  if (!usable) throw new ConfigError(path, yamlProblems)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError(path, [
      {
        text:
          value === undefined || value === null
            ? 'it is empty; `orch init --force` writes one with every setting explained'
            : 'it must begin with settings such as "projects:"',
      },
    ])
  }
  const tree = settingTree()
  const root = { ...(value as Record<string, unknown>) }
  const fromEnvironment = applyVariables(root, tree, env, origins)
  const problems: Problem[] = [...yamlProblems, ...fromEnvironment.problems]
  const context = { env, origins, replaced: fromEnvironment.replaced }
  const complete = takeReferences(root, tree, context, problems)
  const result = schema.safeParse(complete)
  if (!result.success) {
    const told = (at: SettingPath) =>
      problems.some(({ variable }) => variable !== undefined && variable === origins.of(at).variable)
    const issues = result.error.issues.filter(
      (issue) => valueAt(complete, issue.path as SettingPath) !== MISSING && !told(issue.path as SettingPath),
    )
    problems.push(...problemsOf(issues, complete, tree, origins))
  }
  const crossed = result.success ? crossCheck(result.data, origins) : { problems: [], warnings: [] }
  problems.push(...crossed.problems)
  if (!result.success || problems.length > 0) throw new ConfigError(path, problems)
  return {
    settings: resolvePaths(result.data, dirname(resolve(path)), env),
    path: resolve(path),
    warnings: [...crossed.warnings.map((one) => `${placed(path, one)}.`), ...fromEnvironment.warnings],
  }
}
