/** Where the CLI is: named by a setting, in the search path, or a dependency of the project that Orch runs from. */
import { accessSync, constants, statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'

/** An absolute path, or why there is none. */
export type FoundClaude = { readonly path: string } | { readonly sentence: string }

const NAME = 'claude'
const INSTALL =
  'install it with `npm install --global @anthropic-ai/claude-code`, or set agent.claude.command to its absolute path'

type Look = 'runs' | 'no-program' | 'absent'

const look = (path: string): Look => {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return 'absent'
  try {
    accessSync(path, constants.X_OK)
    return 'runs'
  } catch {
    return 'no-program'
  }
}

/**
 * @param setting absolute path or name of the program; empty where nothing is set.
 * @param path search path as in the environment variable.
 * @param projectDir whose `node_modules` is looked into last.
 */
export function findClaude(setting: string, path: string, projectDir: string): FoundClaude {
  const name = setting.trim()
  if (isAbsolute(name)) {
    const seen = lookSafely(name)
    if (seen === 'runs') return { path: name }
    const why = seen === 'absent' ? 'is not there' : 'cannot be executed'
    return {
      sentence: `The claude CLI ${name} of the setting agent.claude.command ${why}: correct the path, or make it executable.`,
    }
  }
  if (name.includes('/'))
    return {
      sentence: `The setting agent.claude.command must be an absolute path or a name to search for, not "${name}".`,
    }
  const program = name === '' ? NAME : name
  const folders = path.split(':').filter(isAbsolute)
  const places = [...folders.map((folder) => join(folder, program)), join(projectDir, 'node_modules', '.bin', program)]
  const seen = places.map((place) => ({ place, is: lookSafely(place) }))
  const found = seen.find(({ is }) => is === 'runs')
  if (found !== undefined) return { path: found.place }
  const broken = seen.find(({ is }) => is === 'no-program')
  return broken === undefined
    ? { sentence: `The claude CLI was found neither in PATH nor in ${join(projectDir, 'node_modules')}: ${INSTALL}.` }
    : { sentence: `The claude CLI ${broken.place} cannot be executed: make it executable, or ${INSTALL}.` }
}

/** A place that we may not look at holds nothing for us. */
const lookSafely = (path: string): Look => {
  try {
    return look(path)
  } catch {
    return 'absent'
  }
}
