/** Paths in settings start at the folder of the file, wherever Orch was started. */
import { isAbsolute, join, resolve } from 'node:path'
import type { Env } from './environment.ts'
import type { Settings } from './settings.ts'

/** With every path absolute, and `runs_dir` filled in. */
export type ResolvedSettings = Settings & { readonly runs_dir: string }

/** `~/x` lies in the home folder of `env`, as a person expects who knows shells. */
export function resolvePath(path: string, folder: string, env: Env): string {
  if (env.HOME && (path === '~' || path.startsWith('~/'))) return join(env.HOME, path.slice(1))
  return isAbsolute(path) ? resolve(path) : resolve(folder, path)
}

export function resolvePaths(settings: Settings, folder: string, env: Env): ResolvedSettings {
  const at = (path: string) => resolvePath(path, folder, env)
  const dataDir = at(settings.data_dir)
  return {
    ...settings,
    data_dir: dataDir,
    runs_dir: settings.runs_dir === undefined ? join(dataDir, 'runs') : at(settings.runs_dir),
    projects: settings.projects.map((project) => ({
      ...project,
      ...(project.source === undefined ? {} : { source: at(project.source) }),
      ...(project.house_rules === undefined ? {} : { house_rules: at(project.house_rules) }),
      prompts: Object.fromEntries(Object.entries(project.prompts).map(([role, path]) => [role, at(path)])),
    })),
  }
}
