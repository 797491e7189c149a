/** Where runs are worked on: repositories, workspaces, the agent, logs. */
import { existsSync } from 'node:fs'
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
) {
  const childEnv = { PATH: env.PATH ?? '/usr/local/bin:/usr/bin:/bin', LANG: env.LANG ?? 'C.UTF-8' }
  return {
    repositories: createRepositories({ processes, dir: folder.repositories, env }),
    workspaces: createWorkspaces({
      processes,
      repositoriesDir: folder.repositories,
      dir: folder.workspaces,
      hidden: hiddenFolders(folder, env),
      env,
    }),
    runLogs: createRunLogs(folder.runs, log, runLogOptions),
    /** All that a check command is told of our environment. */
    childEnv,
    /** Folders with programs that a check command may need. */
    tools: childEnv.PATH.split(':').filter((dir) => isAbsolute(dir) && existsSync(dir)),
  }
}

/** What no agent and no check command sees: Orch's own data, and where people usually keep their secrets. */
const hiddenFolders = (folder: DataFolder, env: Env): readonly string[] => [
  folder.root,
  ...(folder.runs.startsWith(folder.root) ? [] : [folder.runs]),
  ...(env.XDG_RUNTIME_DIR ? [env.XDG_RUNTIME_DIR] : []),
  ...(env.HOME
    ? ['.ssh', '.gnupg', '.aws', '.azure', '.config', '.docker', '.kube'].map((name) => join(env.HOME as string, name))
    : []),
]
