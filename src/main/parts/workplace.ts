/** Where runs are worked on: repositories, workspaces, the agent, logs. */
import { existsSync, readdirSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { Processes } from '#engine/ports/processes.ts'
import type { Log } from '#engine/ports/world.ts'
import { createRunLogs, type RunLogsOptions } from '../../adapters/files/run-logs.ts'
import { createRepositories, createWorkspaces } from '../../adapters/git/index.ts'
import type { DataFolder } from '../data-folder.ts'

type Env = Readonly<Record<string, string | undefined>>

export function createWorkplace(
  processes: Processes,
  folder: DataFolder,
  env: Env,
  log: Log,
  runLogOptions: RunLogsOptions,
  own: readonly string[],
) {
  const childEnv = { PATH: env.PATH ?? '/usr/local/bin:/usr/bin:/bin', LANG: env.LANG ?? 'C.UTF-8' }
  return {
    repositories: createRepositories({ processes, dir: folder.repositories, env }),
    workspaces: createWorkspaces({
      processes,
      repositoriesDir: folder.repositories,
      dir: folder.workspaces,
      hidden: hiddenFolders(folder, env, own),
      env,
    }),
    runLogs: createRunLogs(folder.runs, log, runLogOptions),
    /** All that a check command is told of our environment. */
    childEnv,
    /** Folders with programs that a check command may need. */
    tools: childEnv.PATH.split(':').filter((dir) => isAbsolute(dir) && existsSync(dir)),
  }
}

/**
 * What no agent and no check command sees: Orch's own data, its configuration, and in the home of Orch's user everything
 * that begins with a dot, where people and programs keep their secrets, but for the folders of tool installers. Programs
 * on PATH are shown again where they lie in a hidden folder.
 */
const hiddenFolders = (folder: DataFolder, env: Env, own: readonly string[]): readonly string[] => [
  folder.root,
  ...(folder.runs.startsWith(`${folder.root}/`) ? [] : [folder.runs]),
  ...(env.XDG_RUNTIME_DIR ? [env.XDG_RUNTIME_DIR] : []),
  ...own,
  ...(env.HOME ? dotsIn(env.HOME).map((name) => join(env.HOME as string, name)) : []),
]

/** Installers of tools, whose programs look for their own libraries beside them. */
const TOOLS: readonly string[] =
  '.asdf .bun .cargo .deno .fnm .goenv .jenv .mise .nvm .pyenv .rbenv .rustup .sdkman .volta'.split(' ')
const SECRETS_OF_TOOLS: readonly string[] = ['.cargo/credentials.toml', '.cargo/credentials']

const dotsIn = (home: string): readonly string[] => {
  try {
    const dots = readdirSync(home).filter((name) => name.startsWith('.') && !TOOLS.includes(name))
    return [...dots, ...SECRETS_OF_TOOLS]
  } catch {
    return []
  }
}
