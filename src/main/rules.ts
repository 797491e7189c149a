/** From settings to what core and engine ask for. */

import { UserError } from '#core/errors.ts'
import type { Task } from '#core/model.ts'
import { pipeline } from '#core/pipeline.ts'
import { defaultPolicy, type Policy } from '#core/policy.ts'
import type { ScheduleRules } from '#core/schedule.ts'
import type { RulesOf } from '#engine/engine.ts'
import type { IntakeDeps } from '#engine/intake.ts'
import type { AgentRuntime } from '#engine/ports/runtime.ts'
import type { Project, ProjectOf } from '#engine/project.ts'
import { egressOf, limitsOf, pricesOf, runtimeNameOf, spendingOf, wishesOf } from './agent-rules.ts'
import type { RuntimeName } from './config/agent-settings.ts'
import type { ProjectSettings, Settings } from './config/settings.ts'

export function projectSettingsOf(settings: Settings, id: string): ProjectSettings {
  const found = settings.projects.find((project) => project.id === id)
  if (found === undefined) throw new UserError(`Project ${id} is not in the configuration any more; add it again.`)
  return found
}

export const policyOf = (settings: Settings, project: ProjectSettings): Policy => ({
  ...defaultPolicy,
  approval: project.approval,
  stop: settings.stop_status.enabled,
})

export const rulesOf =
  (settings: () => Settings): RulesOf =>
  (project) => {
    const now = settings()
    return { pipeline, policy: policyOf(now, projectSettingsOf(now, project)) }
  }

/** For pages: a task that has ended is shown whatever became of its project. */
export const shownPolicyOf =
  (settings: () => Settings) =>
  (id: string): Policy => {
    const now = settings()
    const project = now.projects.find((one) => one.id === id)
    return project === undefined ? { ...defaultPolicy, stop: now.stop_status.enabled } : policyOf(now, project)
  }

/** Nobody could end or carry on a task without its project. @throws {UserError} where one would be left without. */
export function refuseLosingTasks(settings: Settings, open: readonly Pick<Task, 'key' | 'project'>[]): void {
  const kept = new Set(settings.projects.map(({ id }) => id))
  const lost = open.find(({ project }) => !kept.has(project))
  if (lost === undefined) return
  const keys = open.filter(({ project }) => project === lost.project).map(({ key }) => key)
  const some = keys.length > 3 ? `${keys.slice(0, 3).join(', ')} and ${keys.length - 3} more` : keys.join(', ')
  throw new UserError(
    `Project ${lost.project} is not in the configuration, and ${some} ${keys.length === 1 ? 'is' : 'are'} still open in it; put it back, and take it out when its tasks are done or stopped.`,
  )
}

export const isListedIn =
  (settings: () => Settings): IntakeDeps['isListed'] =>
  (project, { id, name }) =>
    settings().projects.some((one) => one.id === project && (one.people.includes(id) || one.people.includes(name)))

/** Guards that the settings switch off, a sentence each, for every page. */
export function guardsOff({ serial_gate: gate, stop_status: stop }: Settings): readonly string[] {
  const of = gate.repos.length === 0 ? '' : ` except for ${gate.repos.join(', ')}`
  return [
    ...(gate.enabled && of === ''
      ? []
      : [`The serial gate is off${gate.enabled ? of : ''}: tasks of one repository do not wait for each other.`]),
    ...(gate.freeze_enabled ? [] : ['Freezing is off: existing freezes do not bind.']),
    ...(stop.enabled ? [] : ['STOP is off: nobody can end a task, neither by status or comment nor here.']),
  ]
}

/** Of a runtime, no more than whose answers it needs. */
type Providers = (name: RuntimeName) => Pick<AgentRuntime, 'provider'>

export const scheduleRulesOf = (settings: Settings, runtime: Providers): ScheduleRules => {
  const { enabled, repos, freeze_enabled } = settings.serial_gate
  return {
    caps: {
      total: settings.max_concurrency,
      perRole: settings.concurrency.per_role,
      perProject: settings.concurrency.per_project,
    },
    serialGate: (repo) => enabled && (repos.length === 0 || repos.includes(repo)),
    freeze: freeze_enabled,
    providerOf: (_, role) => runtime(runtimeNameOf(settings, role)).provider,
  }
}

export const projectOf =
  (
    settings: () => Settings,
    runtime: (name: RuntimeName) => AgentRuntime,
    houseOf: (project: ProjectSettings) => Project['house'],
  ): ProjectOf =>
  (id): Project => {
    const now = settings()
    const project = projectSettingsOf(now, id)
    return {
      id,
      repo: project.repo,
      check: { command: project.check, timeoutMs: project.check_timeout_seconds * 1000 },
      protectedPaths: project.protected_paths,
      sandbox: now.sandbox,
      runtime: (role) => runtime(runtimeNameOf(now, role)),
      wishes: (role) => wishesOf(now, project, role),
      limits: (role) => limitsOf(now, role),
      spending: spendingOf(now),
      prices: pricesOf(now),
      egress: (role) => egressOf(now, role),
      house: houseOf(project),
      author: (role) => ({ name: role === 'orch' ? 'Orch' : `Orch ${role}`, email: `${role}@orch.localhost` }),
    }
  }
