/** Git behind the ports `Repositories` and `Workspaces`. */
export { createRepositories, type RepositoriesOptions } from './repositories.ts'
export { createWorkspaces, type WorkspacesOptions } from './workspaces.ts'
