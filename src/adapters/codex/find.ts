/** Where the CLI is: named by a setting, in the search path, or a dependency of the project that Orch runs from. */
import { accessSync, constants, existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'

/** An absolute path, or why there is none. */
export type FoundCodex = { readonly path: string } | { readonly sentence: string }

const NAME = 'codex'
const INSTALL = 'install it with `npm install --global @openai/codex`, or set agent.codex.command to its absolute path'

/**
 * @param setting absolute path or name of the program; empty where nothing is set.
 * @param path search path as in the environment variable.
 * @param projectDir whose `node_modules` is looked into last.
 */
export function findCodex(setting: string, path: string, projectDir: string): FoundCodex {
  const name = setting.trim()
  if (isAbsolute(name)) {
    if (isProgram(name)) return { path: nativeOf(name) }
    const [why, next] = existsSync(name)
      ? ['cannot be executed', 'make it executable']
      : ['is not there', 'correct the path']
    return { sentence: `The codex CLI ${name} of the setting agent.codex.command ${why}: ${next}.` }
  }
  if (name.includes('/'))
    return {
      sentence: `The setting agent.codex.command must be an absolute path or a name to search for, not "${name}".`,
    }
  const program = name === '' ? NAME : name
  const places = path
    .split(':')
    .filter(isAbsolute)
    .map((folder) => join(folder, program))
  const found = places.find(isProgram)
  if (found !== undefined) return { path: nativeOf(found) }
  const own = program === NAME ? nativeIn(join(projectDir, 'node_modules', '@openai')) : null
  if (own !== null) return { path: own }
  const broken = places.find((place) => existsSync(place))
  return broken === undefined
    ? { sentence: `The codex CLI was found neither in PATH nor in ${join(projectDir, 'node_modules')}: ${INSTALL}.` }
    : { sentence: `The codex CLI ${broken} cannot be executed: make it executable, or ${INSTALL}.` }
}

/** The command of the npm package is a script that starts the real program and stays beside it: a process less, and no Node needed. */
function nativeOf(file: string): string {
  const real = realpathSync(file)
  const isScript = real.endsWith('/@openai/codex/bin/codex.js')
  return (isScript ? nativeIn(dirname(dirname(dirname(real)))) : null) ?? real
}

/** `scope`: the folder of the packages `@openai/*`; npm puts there only what this machine can run. */
function nativeIn(scope: string): string | null {
  for (const folder of [scope, join(scope, 'codex', 'node_modules', '@openai')])
    for (const name of namesIn(folder).filter((name) => name.startsWith('codex-'))) {
      const vendor = join(folder, name, 'vendor')
      const program = namesIn(vendor)
        .map((target) => join(vendor, target, 'bin', NAME))
        .find(isProgram)
      if (program !== undefined) return program
    }
  return null
}

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** What must be visible for it to run: its package brings folders of its own beside the program's. */
export const foldersOf = (program: string): readonly string[] => {
  const folder = dirname(realpathSync(program))
  return [/\/vendor\/[^/]+\/bin$/.test(folder) ? dirname(folder) : folder]
}
