/** Where the configuration and Orch's data lie, seen from the folder a person stands in. */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Env } from './environment.ts'
import { resolvePath } from './paths.ts'
import { readConfigFile } from './read-file.ts'
import { REFERENCE } from './references.ts'
import { settingTree } from './setting-tree.ts'
import { readYaml } from './yaml-tree.ts'

export const CONFIG_NAME = 'orch.config.yaml'

/** The `orch.config.yaml` of `folder` or of the nearest folder above it; null where there is none. */
export function findConfig(folder: string): string | null {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const path = join(at, CONFIG_NAME)
    if (existsSync(path)) return path
    if (dirname(at) === at) return null
  }
}

/**
 * The data folder that the configuration at `path` names, though the rest of it be wrong: a server that runs on its last
 * good configuration is still to be found. @throws {UserError} where the file cannot be read.
 */
export function dataDirOf(path: string, env: Env): string {
  const file = resolve(path)
  const { value } = readYaml(readConfigFile(file))
  const written = (value as { data_dir?: unknown } | null | undefined)?.data_dir
  const reference = typeof written === 'string' ? REFERENCE.exec(written)?.[1] : undefined
  const named = reference === undefined ? written : env[reference]
  const fallback = String(settingTree().properties?.data_dir?.default)
  return resolvePath(
    env.ORCH_DATA_DIR || (typeof named === 'string' && named !== '' ? named : fallback),
    dirname(file),
    env,
  )
}
